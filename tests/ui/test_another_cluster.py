"""Another cluster answers where one was on screen: the program says so and begins anew."""

from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from textual.widgets import Button, Input, Static

from kafkatui.app import KafkaTui
from kafkatui.config import load_config
from kafkatui.screens.connect import ConnectScreen
from kafkatui.screens.help import HelpScreen
from kafkatui.screens.monitor import MonitorScreen
from kafkatui.widgets.key_row import KeyRow
from tests import lying_server as server
from tests.lying_server import LyingServer, lying
from tests.ui.waiting import until
from tests.unit.test_themes import contrast


async def test_everything_begins_anew() -> None:
    name, topic = "first", "old"

    def metadata(liar: LyingServer, _: bytes) -> bytes:
        topics = server.array([server.topic(topic, server.array([server.partition(0)]))])
        return server.metadata(server.array([liar.itself()]), topics, name)

    async with lying({server.METADATA: metadata}) as liar, AsyncExitStack() as owned:
        app = KafkaTui(load_config(f"127.0.0.1:{liar.port}", None, (), {}), owned, interval=0.1)
        async with app.run_test(size=(120, 40)) as pilot:
            await until(pilot, lambda: isinstance(app.screen, MonitorScreen))
            first = app.screen
            await until(pilot, lambda: "old" in app._cluster.topics if app._cluster else False)
            known = app._cluster
            await pilot.press("question_mark")
            await until(pilot, lambda: isinstance(app.screen, HelpScreen))
            name, topic = "second", "new"
            await until(pilot, lambda: isinstance(app.screen, MonitorScreen) and app.screen is not first)
            assert app._cluster is not known
            assert app._cluster is not None
            await until(pilot, lambda: app._cluster is not None and "new" in app._cluster.topics)
            assert "old" not in app._cluster.topics
            assert isinstance(first, MonitorScreen)
            first._tick()  # what comes when its screen has gone is drawn nowhere
            first._draw_headlines()
            assert [type(screen) for screen in app.screen_stack[1:]] == [MonitorScreen]
            (said,) = (note.message for note in app._notifications)
            assert said == (
                f"Another Kafka cluster answers at 127.0.0.1:{liar.port}: its id is second. "
                "Everything begins anew."
            )


async def test_a_host_that_is_none_in_the_address_box() -> None:
    async with AsyncExitStack() as owned:
        app = KafkaTui(load_config("127.0.0.1:1", None, (), {}), owned)
        async with app.run_test(size=(120, 40)) as pilot:
            await until(pilot, lambda: isinstance(app.screen, ConnectScreen))
            for host in ("a..b", ".", "x" * 70, "a\0b"):
                app.screen.post_message(ConnectScreen.NewAddress(host))
            await until(pilot, lambda: len(app._notifications) == 4)
            assert all("is no broker address" in note.message for note in app._notifications)
            assert isinstance(app.screen, ConnectScreen)


async def test_back_from_a_demo_that_failed_is_where_it_was_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "libs").mkdir()
    monkeypatch.setenv("KAFKA_HOME", str(tmp_path))
    monkeypatch.setenv("KAFKATUI_CACHE", str(tmp_path / "cache"))
    async with AsyncExitStack() as owned:
        app = KafkaTui(load_config("127.0.0.1:1", None, (), {}), owned)
        async with app.run_test(size=(120, 40)) as pilot:
            await until(pilot, lambda: "No Kafka at" in shown(app))
            app.screen.query_one("#demo", Button).press()
            await until(pilot, lambda: "holds no Kafka" in shown(app))
            await pilot.press("r")
            await until(pilot, lambda: bool(app.farewell))
            await pilot.press("escape")
            await until(pilot, lambda: "No Kafka at 127.0.0.1:1" in shown(app))
            assert app.return_code is None
            assert not app.farewell


def shown(app: KafkaTui) -> str:
    return "\n".join(str(static.render()) for static in app.screen.query(Static))


async def test_while_an_address_is_typed_the_row_of_keys_says_that_arrows_move() -> None:
    async with AsyncExitStack() as owned:
        app = KafkaTui(load_config("127.0.0.1:9", None, (), {}), owned)
        async with app.run_test(size=(120, 40)) as pilot:
            await until(pilot, lambda: app.screen.has_class("-failed"))
            await pilot.press("down", "a")
            assert app.screen.query_one(Input).value == "a"
            row = app.screen.query_one(KeyRow).render()
            assert str(row) == "↑/↓ move"
            await pilot.press("down")
            assert app.focused is app.screen.query_one("#demo")


@pytest.mark.parametrize("theme", ["kafkatui-dark", "kafkatui-light"])
async def test_what_the_address_box_is_for_can_be_read(theme: str) -> None:
    async with AsyncExitStack() as owned:
        app = KafkaTui(load_config("127.0.0.1:9", None, (), {}), owned, theme=theme)
        async with app.run_test(size=(120, 40)) as pilot:
            await until(pilot, lambda: app.screen.has_class("-failed"))
            style = app.screen.query_one(Input).get_visual_style("input--placeholder")
            assert style.background is not None
            assert style.foreground is not None
            assert contrast(style.background + style.foreground, style.background) >= 4.5
