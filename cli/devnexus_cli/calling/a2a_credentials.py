"""Who asks an A2A agent: said to that agent, and to nobody else."""

from collections.abc import Mapping

import click
from a2a.client import ClientCallContext
from a2a.client.interceptors import AfterArgs, BeforeArgs, ClientCallInterceptor

from a2a_gateway.protocol.selection import EXTENSION
from devnexus.printable import printable
from devnexus_cli.calling.options import place


class SaysWho(ClientCallInterceptor):
    """Adds the headers that say who asks, where the agent is at the place that its card came from."""

    def __init__(self, url: str, headers: Mapping[str, str]) -> None:
        """`url`: where the card came from."""
        self._place, self._headers = place(url), headers
        self._is_told = False

    async def before(self, args: BeforeArgs) -> None:
        """Add them; say once that they are left out."""
        address = args.agent_card.supported_interfaces[0].url
        headers = {"A2A-Extensions": EXTENSION}
        if place(address) == self._place:
            headers |= self._headers
        elif self._headers and not self._is_told:
            self._is_told = True
            click.echo(f"asked without credentials: the card points to {printable(address)}", err=True)
        args.context = args.context or ClientCallContext()
        args.context.service_parameters = headers

    async def after(self, args: AfterArgs) -> None:
        """As promised by the client: nothing."""
