"""An ONNX encoder and its tokenizer in threads of their own, so that no event loop waits for arithmetic.

One thread is the queue: calls run one after another, and at most ``_WAITING`` may wait. The batches of a call run
beside each other, each on one thread: threads that share every operation of a small model wait for one another most of
the time (seven pairs on two cores took 157 ms so instead of 90, and half as much processor time again). Memory stays
flat: bounded batches, no pattern cache, and the runtime's arena, which keeps what a call frees for the next one
(without it every call faulted its pages in anew, at a fifth of the speed) and gives it back once none came for a while.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final, TypeVar

import numpy as np
import numpy.typing as npt
import onnxruntime
from tokenizers import Encoding, Tokenizer

from runtime.errors import DeadlineExceeded, Overloaded, Terminal

_T = TypeVar("_T")
_WAITING: Final = 64
_REST_S: Final = 5.0  # without a call for this long, the arena's memory goes back
_TOKENS_A_BATCH: Final = 256  # rows times their padded length: larger batches leave the caches and run half as fast


class OnnxSession:
    """One model file and its tokenizer. ``run`` is called in the thread that ``soon`` gives work to."""

    def __init__(self, folder: Path, *, threads: int, tokens: int) -> None:
        self._tokenizer = _tokenizer(folder / "tokenizer.json", tokens)
        self._session = _session(folder / "model.onnx")
        self._workers = ThreadPoolExecutor(max_workers=threads, thread_name_prefix=f"{folder.name}-batch")
        self._inputs = {each.name for each in self._session.get_inputs()}
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix=folder.name)
        self._waiting = 0
        self._rest: asyncio.TimerHandle | None = None
        self._closed = False

    async def soon(self, work: Callable[[], _T], *, deadline_s: float) -> _T:
        """Run ``work`` in the model's thread. Raises Overloaded where too many wait, DeadlineExceeded."""
        if self._waiting >= _WAITING:
            raise Overloaded("The model is busy.", retry_after=1.0)
        self._waiting += 1
        if self._rest is not None:
            self._rest.cancel()
        try:
            async with asyncio.timeout(deadline_s):
                return await asyncio.get_running_loop().run_in_executor(self._thread, work)
        except TimeoutError as error:
            raise DeadlineExceeded(f"The model did not answer within {deadline_s:.0f} s.") from error
        finally:
            self._waiting -= 1
            if not self._waiting:
                self._rest = asyncio.get_running_loop().call_later(_REST_S, self._give_back)

    def encode(self, texts: Sequence[str] | Sequence[tuple[str, str]]) -> list[Encoding]:
        """Tokens of texts, or of (question, passage) pairs, cut to the model's length."""
        return list(self._tokenizer.encode_batch_fast(list(texts)))

    def encode_words(self, text: str) -> Encoding:
        """The same for one text, with where each of its words is in it (which takes longer)."""
        return self._tokenizer.encode(text)

    def rest(self) -> None:
        """Give back the arena's memory: the runtime does so after a run that asks for it, so the shortest there is."""
        options = onnxruntime.RunOptions()
        options.add_run_config_entry("memory.enable_memory_arena_shrinkage", "cpu:0")
        self.run(self.encode([""]), options)

    def run(
        self, encodings: Sequence[Encoding], options: onnxruntime.RunOptions | None = None
    ) -> npt.NDArray[np.float32]:
        """The model's first output for one batch, padded to its longest row."""
        longest = max(len(encoding.ids) for encoding in encodings)
        shape = (len(encodings), longest)
        filled = {name: np.zeros(shape, dtype=np.int64) for name in ("input_ids", "attention_mask", "token_type_ids")}
        for row, encoding in enumerate(encodings):
            length = len(encoding.ids)
            filled["input_ids"][row, :length] = encoding.ids
            filled["attention_mask"][row, :length] = 1
            filled["token_type_ids"][row, :length] = encoding.type_ids
        fed = {name: values for name, values in filled.items() if name in self._inputs}
        output: npt.NDArray[np.float32] = self._session.run(None, fed, options)[0]
        return output

    def run_each(
        self, encodings: Sequence[Encoding], *, most: int
    ) -> Iterator[tuple[list[int], npt.NDArray[np.float32]]]:
        """The model's output for all of ``encodings``, batch by batch of similar length, with their indexes."""
        batches = list(_by_length(encodings, most=most))
        batches.reverse()  # the longest first: what comes last fills up
        outputs = self._workers.map(lambda batch: self.run([encodings[index] for index in batch]), batches)
        return zip(batches, outputs, strict=True)

    def close(self) -> None:
        self._closed = True
        self._thread.shutdown(wait=True, cancel_futures=True)
        self._workers.shutdown(wait=True)

    def _give_back(self) -> None:
        if not self._closed:
            self._thread.submit(self.rest)


def _by_length(encodings: Sequence[Encoding], *, most: int) -> Iterator[list[int]]:
    """Indexes in batches of similar length (little padding), at most ``most`` rows and a bounded number of tokens."""
    batch: list[int] = []
    for index in sorted(range(len(encodings)), key=lambda i: len(encodings[i].ids)):
        longest = len(encodings[index].ids)
        if batch and (len(batch) >= most or longest * (len(batch) + 1) > _TOKENS_A_BATCH):
            yield batch
            batch = []
        batch.append(index)
    if batch:
        yield batch


def _tokenizer(file: Path, tokens: int) -> Tokenizer:
    if not file.is_file():
        raise _missing(file)
    made = Tokenizer.from_file(str(file))
    made.no_padding()
    made.enable_truncation(tokens)
    return made


def _session(file: Path) -> Any:
    if not file.is_file():
        raise _missing(file)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1  # the caller's own thread
    options.inter_op_num_threads = 1
    options.enable_mem_pattern = False
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(str(file), options, providers=["CPUExecutionProvider"])


def _missing(file: Path) -> Terminal:
    return Terminal(f"The model file {file} is missing.", do="Run `python -m cluster.model_files`.")
