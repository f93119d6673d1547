"""Starts the proxy as a client would: `wrap.py POLICY_YAML -- COMMAND …`."""

import asyncio
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from parts import CONTEXT, Kept

from assaymark.guard.proxy.mcp_session import Session
from assaymark.guard.proxy.mcp_stdio import StdioProxy, own_pipes


async def main() -> int:
    """Serve; the server's exit code."""
    kept = Kept(sys.argv[1])
    proxy = StdioProxy(kept.guard, Session(kept.parts, CONTEXT), sys.argv[3:])
    return await proxy.run(*await own_pipes())


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
