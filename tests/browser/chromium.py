"""A Chromium of one's own, driven by its own protocol over a WebSocket.

https://chromedevtools.github.io/devtools-protocol/
"""

import asyncio
import base64
import shutil
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any, Final

import aiohttp

NAMES: Final = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
ALONE: Final = (
    "--headless",
    "--no-sandbox",  # it opens this project's own page, and root has no sandbox
    "--disable-gpu",
    "--hide-scrollbars",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--remote-debugging-port=0",
)
PATIENCE: Final = 20.0


class Browser:
    """One tab.

    Attributes:
        requests: addresses of everything that it has asked for.
        complaints: what it said of policies that were broken, and of scripts that failed.
    """

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket, self._count = socket, 0
        self._answers: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self._loaded = asyncio.Event()
        self.requests: list[str] = []
        self.complaints: list[str] = []

    async def listen(self) -> None:
        """Take in what it says, until it ends."""
        async for message in self._socket:
            told = message.json()
            if "id" in told:
                self._answers.pop(told["id"]).set_result(told)
            else:
                self._hear(told["method"], told["params"])

    def _hear(self, method: str, told: dict[str, Any]) -> None:
        if method == "Network.requestWillBeSent":
            self.requests.append(told["request"]["url"])
        elif method == "Page.loadEventFired":
            self._loaded.set()
        elif method == "Runtime.exceptionThrown":
            self.complaints.append(str(told["exceptionDetails"]))
        elif method == "Log.entryAdded" and told["entry"]["source"] != "network":
            self.complaints.append(told["entry"]["text"])

    async def send(self, method: str, **parameters: Any) -> dict[str, Any]:
        """Tell it to do something; gives what it answers."""
        self._count += 1
        answer = self._answers[self._count] = asyncio.get_running_loop().create_future()
        await self._socket.send_json({"id": self._count, "method": method, "params": parameters})
        told = await asyncio.wait_for(answer, PATIENCE)
        assert "result" in told, told
        result: dict[str, Any] = told["result"]
        return result

    async def open(self, url: str) -> None:
        """Go to a page, and wait until it is there."""
        self._loaded.clear()
        await self.send("Page.navigate", url=url)
        await asyncio.wait_for(self._loaded.wait(), PATIENCE)

    async def press(self, key: str, *, leads_on: bool = False) -> None:
        """Press a key; of one that leads to another page, wait for that."""
        code, text = {"Tab": (9, ""), "Enter": (13, "\r")}[key]
        self._loaded.clear()
        about = {"key": key, "code": key, "windowsVirtualKeyCode": code}
        await self.send("Input.dispatchKeyEvent", type="keyDown", text=text, **about)
        await self.send("Input.dispatchKeyEvent", type="keyUp", **about)
        if leads_on:
            await asyncio.wait_for(self._loaded.wait(), PATIENCE)

    async def tell(self, expression: str) -> Any:
        """The value of an expression of JavaScript in the page."""
        answer = await self.send("Runtime.evaluate", expression=expression, returnByValue=True)
        assert "exceptionDetails" not in answer, answer
        return answer["result"].get("value")

    async def look(self, file: Path, width: int, *, is_dark: bool = False) -> None:
        """A picture of the whole page."""
        mode = {"name": "prefers-color-scheme", "value": "dark" if is_dark else "light"}
        await self.send("Emulation.setEmulatedMedia", features=[mode])
        size = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False}
        await self.send("Emulation.setDeviceMetricsOverride", **size)
        picture = await self.send("Page.captureScreenshot", captureBeyondViewport=True)
        await asyncio.to_thread(_write, file, base64.b64decode(picture["data"]))


def _write(file: Path, data: bytes) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(data)


@asynccontextmanager
async def chromium(folder: Path) -> AsyncIterator[Browser]:
    """A browser with a profile in a folder, while the context lasts.

    Raises:
        AssertionError: there is none on this machine.
    """
    program = next((found for name in NAMES if (found := shutil.which(name))), None)
    assert program, "there is no Chromium: install it, on Debian by 'apt-get install chromium'"
    process = await asyncio.create_subprocess_exec(
        program,
        *ALONE,
        f"--user-data-dir={folder}",
        "about:blank",
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        port = await asyncio.wait_for(_port(process), PATIENCE)
        async with aiohttp.ClientSession(f"http://127.0.0.1:{port}") as session:
            async with session.get("/json/list") as answer:
                page = next(one for one in await answer.json() if one["type"] == "page")
            async with session.ws_connect(page["webSocketDebuggerUrl"], max_msg_size=0) as socket:
                browser = Browser(socket)
                listening = asyncio.create_task(browser.listen())
                for domain in ("Page", "Network", "Runtime", "Log"):
                    await browser.send(f"{domain}.enable")
                yield browser
            await listening
    finally:
        with suppress(ProcessLookupError):
            process.send_signal(signal.SIGTERM)
        await process.communicate()


async def _port(process: asyncio.subprocess.Process) -> int:
    """Where it listens, as it says when it does."""
    assert process.stderr is not None
    async for line in process.stderr:
        if b"DevTools listening on" in line:
            return int(line.split(b"/devtools")[0].rpartition(b":")[2])
    raise AssertionError("Chromium has ended at once")
