"""What is hidden gives the focus back when it is seen again: keys always have somewhere to go."""

from typing import Generic, TypeVar

from textual.events import DescendantFocus
from textual.widget import Widget

from kafkatui.widgets.narrow_update import NarrowScreen

Result = TypeVar("Result")


class FocusKeeper(NarrowScreen[Result], Generic[Result]):
    """A screen that remembers what had the focus.

    Textual takes the focus from what is hidden, leaves it nowhere or with something that is hidden too, and
    never gives it back.
    """

    _had_focus: Widget | None = None

    def on_descendant_focus(self, event: DescendantFocus) -> None:
        """Remember it, unless it only got the focus because something else was hidden."""
        if in_sight(event.widget):
            self._had_focus = event.widget

    def on_screen_resume(self) -> None:
        """What was opened above has gone, and the terminal may have another size by now."""
        self.call_after_refresh(self.give_focus_back)

    def give_focus_back(self) -> None:
        """After a change of what is shown: to what had it, else to `wants_focus()`."""
        if not (self.is_mounted and self.is_current):  # nothing is in it yet, or it was left meanwhile
            return
        if self.focused is not None and in_sight(self.focused):
            return
        kept = self._had_focus
        widget = kept if kept is not None and kept.is_attached and in_sight(kept) else self.wants_focus()
        if widget is not None and in_sight(widget):
            self.set_focus(widget, scroll_visible=False)

    def wants_focus(self) -> Widget | None:
        """What gets the focus where nothing seen had it before."""
        return None


def in_sight(widget: Widget) -> bool:
    """Neither it nor anything around it is hidden."""
    return all(node.display for node in widget.ancestors_with_self if isinstance(node, Widget))
