"""The demo: a pretend NanoGPT that answers the documented contract, for newcomers and tests.

It is a service, not a client, and shares no code with the clients that talk to it.
"""

from lib.demo.application import DemoService
from lib.demo.state import demo_clock

__all__ = ["DemoService", "demo_clock"]
