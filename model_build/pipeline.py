"""The run: dataset -> tensors -> two trainings -> three exports -> evaluation -> proofs -> manifest."""

import shutil
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TypeVar

from base.files import shown
from model_build import freshness, manifest
from model_build.child import run_step
from model_build.in_archive import contract, signature
from model_build.judge import evaluate, proof
from model_build.judge.outcome import Outcome
from model_build.photos import batches, dataset, drawing, reading, request_photos, split, summary
from model_build.photos.dataset import Found
from model_build.plan import Plan
from model_build.torchserve import proof as archive_proof
from model_build.triton import precisions
from model_build.triton import proof as repository_proof

LITTLE_LEARNT = 1.5
"""Times chance; a user should be told of a lower mean recall, however common a class is."""
T = TypeVar("T")


def build(plan: Plan, folder: Path) -> manifest.Manifest:
    """Everything, into `folder`/out. Raises BuildError on a bad dataset or a failed proof."""
    photos = _step("photos", partial(prepare, plan, folder))
    _step("TensorFlow: train and export", partial(train_tensorflow, folder))
    _step("PyTorch: train and export", partial(train_torchserve, folder))
    _step("ONNX for Triton: quantize and judge", partial(export_triton, folder))
    kept = batches.load(folder)
    truth = kept.labels[kept.test]
    classes = signature.load(folder).classes
    outcomes = [_evaluate(folder, classes, server, truth) for server in ("tensorflow", "torchserve")]
    _prove(folder)
    return _manifest(plan, folder, photos, outcomes)


def prepare(plan: Plan, folder: Path) -> manifest.Dataset:
    """Everything that the trainings and proofs read, into `folder`. Raises BuildError on a bad dataset."""
    plan.save(folder / "plan.json")
    found, digest = _photos(plan, folder)
    signature.save(signature.Signature(found.classes, plan.sight), folder)
    split.save(folder, dataset.label_numbers(found))
    kept = batches.load(folder)
    print("\n".join(summary.lines(found, kept)), flush=True)
    request_photos.keep(found.classes, found.photos, kept.test, folder / "out" / "photos")
    proof.ask(folder, found.photos, kept.test)
    source = shown(plan.dataset.resolve().name) if plan.dataset else "drawn faces"
    return manifest.Dataset(source, digest, len(kept.train), len(kept.test))


def train_tensorflow(folder: Path) -> None:
    """Write the trained SavedModel into `folder`/out/tensorflow."""
    run_step("model_build.tf_serving.train", folder, folder / "tensorflow.log")


def train_torchserve(folder: Path) -> None:
    """Write the trained model archive and its server's metrics.yaml into `folder`/out/torchserve."""
    run_step("model_build.torchserve.train", folder)
    shutil.copy(freshness.METRICS, folder / "out" / "torchserve")


def export_triton(folder: Path) -> None:
    """Write the model repository into `folder`/out/triton; `train_torchserve` comes first."""
    run_step("model_build.triton.export", folder)
    shutil.copy(freshness.PACKAGES, folder / "out" / "triton")


def _prove(folder: Path) -> None:
    proofs: dict[str, Callable[[Path], float]] = {
        "TensorFlow": _prove_saved_model,
        "TorchServe": _prove_archive,
        **{
            f"Triton, {each.precision}": partial(_prove_repository, each.precision)
            for each in precisions.load(folder)
        },
    }
    for name, prove in proofs.items():
        difference = _step(f"{name}: proof in a fresh process", partial(prove, folder))
        print(f"  answers differ by at most {difference:.1e}", flush=True)


def _prove_saved_model(folder: Path) -> float:
    run_step("model_build.tf_serving.proof", folder, folder / "tensorflow-proof.log")
    return proof.check(folder, "tensorflow")


def _prove_archive(folder: Path) -> float:
    archive_proof.answer(folder)
    return proof.check(folder, "torchserve")


def _prove_repository(precision: str, folder: Path) -> float:
    repository_proof.answer(folder, precision)
    return proof.check(folder, f"triton-{precision}")


def _photos(plan: Plan, folder: Path) -> tuple[Found, str]:
    out = folder / "out"
    if plan.dataset:
        found = dataset.find_photos(plan.dataset)
    else:
        found = drawing.draw_faces(out / "dataset", plan.per_class, plan.seed, plan.sight)
    usable, digest = reading.read_photos(found, folder / "tensors.npy", plan.sight)
    dataset.require_enough(usable)
    dataset.write_csv(usable.photos, out / "emotions.csv")
    return usable, digest


def _evaluate(folder: Path, classes: tuple[str, ...], server: str, truth: batches.Indices) -> Outcome:
    outcome = Outcome.load(folder / f"{server}-outcome.json")
    counts = evaluate.confusion(len(classes), truth, outcome.predicted)
    name = outcome.framework.lower()
    evaluate.plot_learning(classes, outcome, folder / "out" / f"learning-{name}.png")
    evaluate.plot_confusion(classes, outcome, counts, folder / "out" / f"confusion-{name}.png")
    mean = evaluate.mean_recall(counts)
    print(
        f"{outcome.framework}: train {outcome.train_accuracy:.1%}, test {outcome.test_accuracy:.1%} right; "
        f"recall {mean:.1%} in the mean of the classes"
    )
    print(evaluate.per_class_table(classes, counts), flush=True)
    if mean < LITTLE_LEARNT / len(classes):
        print(f"warning: {outcome.framework} learnt little; give more photos or --epochs", flush=True)
    return outcome


def _manifest(
    plan: Plan, folder: Path, photos: manifest.Dataset, outcomes: list[Outcome]
) -> manifest.Manifest:
    tensorflow, torch = ((each.train_accuracy, each.test_accuracy) for each in outcomes)
    out = folder / "out"
    return manifest.Manifest(
        name=contract.MODEL_NAME,
        version=contract.MODEL_VERSION,
        seed=plan.seed,
        classes=signature.load(folder).classes,
        input=manifest.Input(**plan.sight._asdict()),
        dataset=photos,
        tensorflow=manifest.describe_export(out, "tensorflow", *tensorflow),
        torchserve=manifest.describe_export(out, "torchserve", *torch),
        triton=manifest.describe_export(out, "triton", *torch, networks(folder)),
        libraries=freshness.libraries(),
    )


def networks(folder: Path) -> tuple[manifest.Network, ...]:
    """The precisions that Triton's export holds."""
    version = f"triton/{contract.MODEL_NAME}/{contract.MODEL_VERSION}"
    return tuple(
        manifest.Network(each.precision, f"{version}/{each.file}", each.test_accuracy, each.agreement)
        for each in precisions.load(folder)
    )


def _step(name: str, action: Callable[[], T]) -> T:
    started = time.monotonic()
    print(f"{name} ...", flush=True)
    result = action()
    print(f"{name}: {time.monotonic() - started:.1f} s", flush=True)
    return result
