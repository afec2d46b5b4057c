"""The server's addresses.

    GET  /                                        a page to try the models
    GET  /healthz, /readyz                        status 200, from when the models are loaded
    GET  /metrics                                 for Prometheus
    GET  /v1/models/NAME[/versions/1]             the model's state
    GET  /v1/models/NAME[/versions/1]/metadata    its signatures
    POST /v1/models/NAME[/versions/1]:predict     answers; see `nlpkit.serve.http.tensors`

An error is {"error": "a sentence"} with a status of 400 and up.
"""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable, Sequence
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from nlpkit.serve.http import tensors
from nlpkit.serve.http.batching import Batcher
from nlpkit.serve.http.endpoint import VERSION, Endpoint
from nlpkit.serve.http.limits import DEFAULTS, Limits
from nlpkit.serve.http.metrics import CONTENT_TYPE, Metrics
from nlpkit.serve.http.page import POLICY
from nlpkit.serve.http.refusal import Overloaded, Refusal

__all__ = ["application"]

_LARGE = 1 << 15  # bytes or numbers from which JSON is handled in a thread, beside other requests
_MODEL = "/v1/models/{name}"
_VERSION = _MODEL + "/versions/{version}"


def application(
    endpoints: Sequence[Endpoint],
    *,
    page: str = "",
    limits: Limits = DEFAULTS,
    origins: Sequence[str] = (),
) -> Starlette:
    """The server as an ASGI application.

    Args:
        endpoints: The models.
        page: What `GET /` answers, HTML.
        limits: What to take from clients.
        origins: Other sites whose pages may ask, such as "https://example.org". Default: none.

    Returns:
        The application.
    """
    server = _Server(endpoints, page, limits)
    routes = [
        Route("/", server.page),
        Route("/healthz", server.health),
        Route("/readyz", server.health),
        Route("/metrics", server.metrics),
    ]
    for model in (_MODEL, _VERSION):
        routes += [
            Route(f"{model}:predict", server.predict, methods=["POST"]),
            Route(f"{model}/metadata", server.metadata),
            Route(model, server.status),
        ]
    cors = Middleware(
        CORSMiddleware,
        allow_origins=list(origins),
        allow_methods=["GET", "POST"],
        allow_headers=["content-type"],
    )
    return Starlette(
        routes=routes,
        middleware=[cors] if origins else [],
        exception_handlers={
            Refusal: _refused,
            HTTPException: _no_such_address,
            Exception: _broken,
        },
        lifespan=server.lifespan,
    )


class _Server:
    """The handlers of requests."""

    def __init__(self, endpoints: Sequence[Endpoint], page: str, limits: Limits) -> None:
        self._endpoints = {endpoint.name: endpoint for endpoint in endpoints}
        self._page, self._limits, self._metrics = page, limits, Metrics()

    @contextlib.asynccontextmanager
    async def lifespan(self, app: Starlette) -> AsyncIterator[None]:
        """Answers what has arrived before the server ends."""
        self._batcher = Batcher(self._limits, self._begins)
        yield
        await self._batcher.close()

    def _begins(self, rows: int) -> None:
        """Counts a batch; each process says what waits, whichever is asked for the metrics."""
        self._metrics.batch_rows.observe(rows)
        self._metrics.waiting.set(self._batcher.waiting)

    async def page(self, request: Request) -> Response:
        return HTMLResponse(self._page, headers={"Content-Security-Policy": POLICY})

    async def health(self, request: Request) -> Response:
        return PlainTextResponse("ok\n")

    async def metrics(self, request: Request) -> Response:
        self._metrics.waiting.set(self._batcher.waiting)
        return Response(self._metrics.text(), media_type=CONTENT_TYPE)

    async def status(self, request: Request) -> Response:
        return JSONResponse(self._endpoint(request).status)

    async def metadata(self, request: Request) -> Response:
        return JSONResponse(self._endpoint(request).metadata)

    async def predict(self, request: Request) -> Response:
        began, name = time.monotonic(), "unknown"
        status = 500
        try:
            endpoint = self._endpoint(request)
            name = endpoint.name
            async with asyncio.timeout(self._limits.timeout):
                answer = await self._answer(endpoint, await self._body(request))
            status = 200
            return Response(answer, media_type="application/json")
        except TimeoutError:
            status = 503
            raise Overloaded(
                f"There was no answer within {self._limits.timeout:g} seconds; try again."
            ) from None
        except Refusal as refusal:
            status = refusal.status
            raise
        except ClientDisconnect:
            status = 499  # as nginx counts clients that leave
            return Response(status_code=400)
        finally:
            self._metrics.requests.labels(name, str(status)).inc()
            self._metrics.seconds.labels(name).observe(time.monotonic() - began)

    def _endpoint(self, request: Request) -> Endpoint:
        """The model that an address names."""
        name, version = request.path_params["name"], request.path_params.get("version", VERSION)
        if request.url.path.endswith(":predict") and request.method != "POST":
            raise Refusal("Predictions are asked for with POST.", 405)
        if name not in self._endpoints:
            known = ", ".join(f"`{name}`" for name in self._endpoints)
            raise Refusal(f"There is no model {name!r:.60}, only {known}.", 404)
        if version != VERSION:
            raise Refusal(f"`{name}` has version {VERSION} only, got {version!r:.60}.", 404)
        return self._endpoints[name]

    async def _body(self, request: Request) -> bytes:
        """The body, if it is not too long."""
        body = bytearray()
        async for piece in request.stream():
            body += piece
            if len(body) > self._limits.body:
                raise Refusal(f"The body must have at most {self._limits.body:,} bytes.", 413)
        return bytes(body)

    async def _answer(self, endpoint: Endpoint, body: bytes) -> str:
        """The answer to a request's body."""
        asked = await _beside(len(body), tensors.read_request, body)
        specs = endpoint.specs(asked.signature)
        arrays = await _beside(len(body), tensors.read_arrays, asked, specs)
        if asked.by_row and not endpoint.is_per_example(asked.signature):
            raise Refusal(f"Use `inputs`: `{asked.signature}` does not answer row by row.")
        endpoint.check(asked.signature, arrays, self._limits)
        shapes = tuple((name, array.shape[1:]) for name, array in arrays.items())
        outputs = await self._batcher.answer(
            lambda joined: endpoint.call(asked.signature, joined),
            arrays,
            key=(endpoint.name, asked.signature, shapes)
            if endpoint.can_join(asked.signature)
            else None,
        )
        size = sum(array.size for array in outputs.values())
        if size > self._limits.values:  # padding, which depends on the texts
            raise Refusal(
                f"The answer would hold {size:,} numbers, more than {self._limits.values:,}; send "
                "fewer examples at a time."
            )
        return await _beside(size, lambda: tensors.write_answer(outputs, by_row=asked.by_row))


async def _beside(size: int, function: Callable[..., Any], *arguments: Any) -> Any:
    """Calls a function, in a thread if it will take long."""
    if size < _LARGE:
        return function(*arguments)
    return await asyncio.to_thread(function, *arguments)


def _refused(request: Request, refusal: Any) -> Response:
    return JSONResponse({"error": str(refusal)}, refusal.status, headers=refusal.headers)


def _no_such_address(request: Request, error: Any) -> Response:
    messages = {
        404: f"There is no {request.url.path!r:.120}; models are under /v1/models/.",
        405: f"{request.method} is not for {request.url.path!r:.120}.",
    }
    message = messages.get(error.status_code, str(error.detail))
    return JSONResponse({"error": message}, error.status_code, headers=error.headers)


def _broken(request: Request, error: Exception) -> Response:
    """What the client is told; Starlette raises the error again, and uvicorn logs it."""
    return JSONResponse({"error": "The server failed; its log says how."}, 500)
