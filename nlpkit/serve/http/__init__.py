"""Models behind TensorFlow Serving's REST interface, with a page to try them; extra `serve`.

    request ─► app ─► tensors ─► batching ─► endpoint ─► tensors ─► answer
               │      JSON to    requests    a loaded    arrays to
               │      arrays     together    model       JSON
               └─► page, metrics, health

Reference: https://www.tensorflow.org/tfx/serving/api_rest
"""

from nlpkit.serve.http.limits import Limits
from nlpkit.serve.http.server import Served, serve

__all__ = ["Limits", "Served", "serve"]
