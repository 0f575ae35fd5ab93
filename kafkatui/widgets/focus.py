"""Screens that give the focus back to a widget that was hidden, so that keys always have a target."""

from typing import Generic, TypeVar

from textual.events import DescendantFocus
from textual.widget import Widget

from kafkatui.widgets.narrow_update import NarrowScreen

Result = TypeVar("Result")


class FocusKeeper(NarrowScreen[Result], Generic[Result]):
    """A screen that remembers which widget had the focus.

    Textual takes the focus from a widget that gets hidden, leaves it on no widget or on another hidden one,
    and never gives it back.
    """

    _had_focus: Widget | None = None

    def on_descendant_focus(self, event: DescendantFocus) -> None:
        """Remember the focused widget. A hidden one is left out: Textual moved the focus there by itself."""
        if in_sight(event.widget):
            self._had_focus = event.widget

    def on_screen_resume(self) -> None:
        """The screen above this one was closed; meanwhile the terminal may have got another size."""
        self.call_after_refresh(self.give_focus_back)

    def give_focus_back(self) -> None:
        """Focus the widget that had the focus last, if it is visible, else `wants_focus()`. If a visible
        widget has the focus, nothing changes.
        """
        if not (self.is_mounted and self.is_current):  # not composed yet, or not on top
            return
        if self.focused is not None and in_sight(self.focused):
            return
        kept = self._had_focus
        widget = kept if kept is not None and kept.is_attached and in_sight(kept) else self.wants_focus()
        if widget is not None and in_sight(widget):
            self.set_focus(widget, scroll_visible=False)

    def wants_focus(self) -> Widget | None:
        """The widget to focus if the one that had the focus last is not visible; ``None``: no widget."""
        return None


def in_sight(widget: Widget) -> bool:
    """Whether neither the widget nor a widget around it is hidden."""
    return all(node.display for node in widget.ancestors_with_self if isinstance(node, Widget))
