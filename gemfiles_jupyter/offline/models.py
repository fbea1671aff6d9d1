"""The list of models: enough for a client to check its key and to offer names."""

from __future__ import annotations

import re

from .handler import Handler
from .problems import JsonObject, Problem

_METHODS = ["generateContent", "countTokens"]
_MODELS = {
    "gemini-2.5-pro": "Gemini 2.5 Pro",
    "gemini-2.5-flash": "Gemini 2.5 Flash",
    "gemini-2.5-flash-lite": "Gemini 2.5 Flash-Lite",
    "gemini-3-pro-preview": "Gemini 3 Pro Preview",
}
_KNOWN = re.compile(r"(?:gemini|gemma|learnlm)-[a-z0-9.@-]{1,80}")
_INPUT_TOKENS = 1_048_576
_OUTPUT_TOKENS = 65_536


def check_model(model: str) -> None:
    """Refuse a name that no model has; new ones appear often, so any that looks right will do."""
    if not _KNOWN.fullmatch(model):
        raise Problem(
            404,
            f"models/{model[:80]} is not found for API version v1beta, or is not supported for "
            "generateContent. Call ListModels to see the list of available models and their supported "
            "methods.",
        )


class ModelsHandler(Handler):
    """``/{v}/models``."""

    async def on_get(self) -> None:
        """Answer with all models, on one page."""
        self.answer_json({"models": [_model_json(model) for model in _MODELS]})


class ModelHandler(Handler):
    """``/{v}/models/{model}``."""

    async def on_get(self, model: str) -> None:
        """Answer with one model."""
        check_model(model)
        self.answer_json(_model_json(model))


def _model_json(model: str) -> JsonObject:
    return {
        "name": f"models/{model}",
        "version": "offline",
        "displayName": _MODELS.get(model, model),
        "description": "The offline server answers in the place of this model.",
        "inputTokenLimit": _INPUT_TOKENS,
        "outputTokenLimit": _OUTPUT_TOKENS,
        "supportedGenerationMethods": _METHODS,
    }
