"""The registration of models: functions, scripts, and Python files that register models."""

import importlib.util
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TypeVar

from replicate_ext.sandbox._models.builtin import BUILTIN
from replicate_ext.sandbox._models.details import ModelDetails
from replicate_ext.sandbox._models.model import Program
from replicate_ext.sandbox._models.predictor import prepare
from replicate_ext.sandbox._models.script import Script, Step, any_input
from replicate_ext.sandbox._models.signature import Signature
from replicate_ext.sandbox._resources.models import Models
from replicate_ext.sandbox._server.replay import Recordings

F = TypeVar("F", bound=Callable[..., object])


class Registry:
    """The models of a sandbox. They can be registered while the server runs.

    Args:
        models: functions by `owner/name`.
    """

    def __init__(self, models: Mapping[str, Callable[..., object]]) -> None:
        self._models = Models()
        self._scripted: set[str] = set()
        self._recordings = Recordings()
        for name, function in {**BUILTIN, **models}.items():
            self.model(name)(function)

    @property
    def models(self) -> list[str]:
        """The names of all models."""
        return [model.name for model in self._models.all()]

    def model(
        self,
        name: str,
        *,
        version: str | None = None,
        official: bool = True,
        boot_time: float = 0.0,
        stream_ids: bool = True,
        trainable: bool = True,
        details: ModelDetails | None = None,
    ) -> Callable[[F], F]:
        """Return a decorator that registers a function as a model.

            @sandbox.model("me/upper")
            def upper(text: str) -> str:
                return text.upper()

        The parameters of the function are the inputs of the model, and their type hints its schema;
        `Annotated[..., Input()]` adds descriptions and bounds. Inputs and outputs of the types
        `Path`, `bytes`, `File` and Pillow's `Image` are files. A generator, asynchronous or not,
        streams its output. Predictions of generators, and of functions that return text or files,
        have an event stream.

        A Cog predictor class can be registered too: it is instantiated, `setup` is called before
        the first prediction, and `predict` runs. The rest of Cog, such as Docker, is not needed.

        A plain function runs in a thread that cannot be stopped: when its prediction is canceled,
        it runs to its end and its result is discarded. A training takes half a second, and the new
        version runs the same function. Models can be registered while the server runs.

        Args:
            name: `owner/name`; without `version`, an existing model with this name is replaced.
            version: id of the version, 64 hexadecimal digits; it is added to the versions of the
                model, as the latest. Default: an id computed from the name and the schema.
            official: whether the model runs by name, as official models do; others need a version.
                Default: True.
            boot_time: seconds that predictions stay in `starting`. Default: 0.
            stream_ids: whether stream events have ids, which clients need to resume a stream.
                Default: True.
            trainable: whether the version can be trained; otherwise trainings get a 400. Default:
                True.
            details: description, links, collections and metrics of the model.

        Raises:
            ValueError: the name is not `owner/name`, or the version is not an id.
            TypeError: a parameter has no type hint, or one without a JSON Schema; a class is not a
                Cog predictor.
        """

        def register(function: F) -> F:
            run, setup = prepare(function)
            program = Program(
                function=run,
                signature=Signature.of(run),
                setup=setup,
                boot_time=boot_time,
                stream_ids=stream_ids,
                script=None,
                trainable=trainable,
                metrics={} if details is None else details.metrics,
            )
            self._models.register(
                name, program, version=version, official=official, details=details
            )
            return function

        return register

    def script(
        self,
        name: str,
        steps: Sequence[Step],
        *,
        output: object = None,
        error: str | None = None,
        metrics: Mapping[str, float] | None = None,
    ) -> None:
        """Register a model whose predictions and trainings go through the given statuses.

            sandbox.script("me/slow", ["queued", ("processing", 0.5), "succeeded"], output="done")

        The model accepts any input.

        Args:
            name: `owner/name`; an existing model with this name is replaced.
            steps: statuses in order; they need not exist in the API. A status with a number lasts
                that many seconds. A status alone lasts until a response has shown it once; during
                such a step, `Prefer: wait` is not held but gets a 202. The last step may be
                `succeeded`, `failed`, `canceled` or `aborted`; otherwise its status lasts forever.
                Use a `ScriptStep` to add logs and a partial output.
            output: output of predictions that succeed: JSON or files. Trainings always have their
                new version as output.
            error: error message of predictions that fail.
            metrics: numbers to add to the metrics of predictions that succeed.

        Raises:
            ValueError: the name is not `owner/name`, there are no steps, or a terminal status is
                not the last step.
        """
        script = Script.of(steps, output=output, error=error)
        self._scripted.update(step.status for step in script.steps)
        program = Program(
            function=any_input,
            signature=Signature.of(any_input),
            boot_time=0.0,
            stream_ids=True,
            script=script,
            metrics=metrics or {},
        )
        self._models.register(name, program)

    def replay(self, cassette: Path | str) -> None:
        """Replay the responses that a cassette of vcrpy has recorded.

        A request gets a recorded response if the cassette has a request with the same method, path,
        query and JSON body; all others are handled as usual. If there are several recorded
        responses to a request, each is used once, in order, and then the last one is repeated. URLs
        of the API in responses are replaced by those of this server.

        Args:
            cassette: path of the file, in YAML.

        Raises:
            FileNotFoundError: the file does not exist.
            ImportError: PyYAML is not installed.
            ValueError: the file is not a cassette.
        """
        self._recordings.load(Path(cassette))

    def load(self, path: Path | str) -> None:
        """Register the models of a Python file, which must define `register(sandbox)`.

            # my_models.py
            def register(sandbox):
                sandbox.script("me/flaky", ["processing", "failed"], error="out of memory")

        Args:
            path: path of the file.

        Raises:
            FileNotFoundError: the file does not exist.
            TypeError: the file does not define `register`.
        """
        file = Path(path).resolve(strict=True)
        name = f"replicate_sandbox_{file.stem}"
        spec = importlib.util.spec_from_file_location(name, file)
        if spec is None or spec.loader is None:
            raise TypeError(f"cannot load {file}: expected a Python file")
        module = importlib.util.module_from_spec(spec)
        # Dataclasses and other decorators look up the module of their class here.
        sys.modules[name] = module
        spec.loader.exec_module(module)
        register: Callable[..., object] | None = getattr(module, "register", None)
        if register is None:
            raise TypeError(f"{file} must define a function register(sandbox)")
        register(self)
