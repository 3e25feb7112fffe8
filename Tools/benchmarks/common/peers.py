"""The other tools of Tools/benchmarks/stage-one, each run in a process of its own:

    python -m common.peers SIDE FOLDER MODEL-STEM BATCH-SIZE WORKERS THREADS FEATURES.npy

runs SIDE over the pictures of FOLDER and prints one JSON object: `seconds` from the start of the first file's reading to the
last feature in memory. Loading the model and one batch of zeros come before. Pictures are read by Pillow
under torch's DataLoader; WORKERS are its processes, 0 for none."""

import json
import os
import sys
import time
from pathlib import Path

import numpy as np

RESIZE, CROP = 256, 224
MEAN, DEVIATION = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)


class Pictures:
    """The pictures of a folder in the order of their names: resized, cropped and normalized as torchvision's transforms do."""

    def __init__(self, folder):
        self.paths = sorted(Path(folder).iterdir())

    def __len__(self):
        return len(self.paths)

    def __getitem__(self, index):
        import torch
        from PIL import Image

        with Image.open(self.paths[index]) as file:
            picture = file.convert("RGB")
        width, height = picture.size
        shorter = min(width, height)
        width, height = RESIZE * width // shorter, RESIZE * height // shorter
        left, top = round((width - CROP) / 2), round((height - CROP) / 2)
        picture = picture.resize((width, height), Image.Resampling.BILINEAR)
        picture = picture.crop((left, top, left + CROP, top + CROP))
        tensor = torch.from_numpy(np.array(picture)).permute(2, 0, 1).contiguous().to(torch.float32).div(255)
        return tensor.sub_(torch.tensor(MEAN).view(-1, 1, 1)).div_(torch.tensor(DEVIATION).view(-1, 1, 1))


class Torch:
    """PyTorch's own operators in the order of torchvision's resnet50, channels last; in bf16 by autocast."""

    def __init__(self, stem, precision, batch_size, threads):
        import torch
        from safetensors.torch import load_file

        torch.set_num_threads(threads)
        self.tensors = {
            name: tensor.to(memory_format=torch.channels_last) if tensor.dim() == 4 else tensor
            for name, tensor in load_file(f"{stem}.safetensors").items()}
        self.is_bf16 = precision == "bf16"

    def normalized(self, values, convolution, normalization, stride=1):
        from torch.nn import functional

        weight = self.tensors[f"{convolution}.weight"]
        values = functional.conv2d(values, weight, stride=stride, padding=weight.shape[2] // 2)
        mean, variance, weight, bias = (
            self.tensors[f"{normalization}.{key}"] for key in ("running_mean", "running_var", "weight", "bias"))
        return functional.batch_norm(values, mean, variance, weight, bias)

    def block(self, values, name, stride):
        branch = self.normalized(values, f"{name}.conv1", f"{name}.bn1").relu_()
        branch = self.normalized(branch, f"{name}.conv2", f"{name}.bn2", stride).relu_()
        branch = self.normalized(branch, f"{name}.conv3", f"{name}.bn3")
        if f"{name}.downsample.0.weight" in self.tensors:
            values = self.normalized(values, f"{name}.downsample.0", f"{name}.downsample.1", stride)
        return branch.add_(values).relu_()

    def network(self, values):
        from torch.nn import functional

        values = self.normalized(values, "conv1", "bn1", 2).relu_()
        values = functional.max_pool2d(values, 3, stride=2, padding=1)
        for stage, blocks in enumerate([3, 4, 6, 3], start=1):
            for number in range(blocks):
                values = self.block(values, f"layer{stage}.{number}", 2 if stage > 1 and number == 0 else 1)
        return functional.adaptive_avg_pool2d(values, 1).flatten(1)

    def features(self, batches):
        import torch

        with torch.inference_mode(), torch.autocast("cpu", torch.bfloat16, enabled=self.is_bf16):
            for batch in batches:
                yield self.network(batch.to(memory_format=torch.channels_last)).float().numpy()


class OnnxRuntime:
    """ONNX Runtime with every optimization that it has."""

    def __init__(self, stem, precision, batch_size, threads):
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_ALL
        self.session = onnxruntime.InferenceSession(f"{stem}.onnx", options, providers=["CPUExecutionProvider"])

    def features(self, batches):
        for batch in batches:
            yield self.session.run(None, {"input": batch.numpy()})[0]


class OpenVINO:
    """OpenVINO with its hint for throughput and as many requests in flight as it asks for."""

    def __init__(self, stem, precision, batch_size, threads):
        import openvino

        core = openvino.Core()
        model = core.read_model(f"{stem}.onnx")
        self.batch_size = batch_size
        model.reshape([batch_size, 3, CROP, CROP])
        self.model = core.compile_model(model, "CPU", {
            "PERFORMANCE_HINT": "THROUGHPUT", "INFERENCE_PRECISION_HINT": precision,
            "INFERENCE_NUM_THREADS": threads})

    def features(self, batches):
        import openvino

        results = {}
        queue = openvino.AsyncInferQueue(self.model)
        queue.set_callback(lambda request, key: results.__setitem__(
            key[0], request.get_output_tensor(0).data[:key[1]].copy()))
        for number, batch in enumerate(batches):
            full = batch.numpy()
            if len(full) < self.batch_size:
                full = np.concatenate([full, np.zeros((self.batch_size - len(full), *full.shape[1:]), np.float32)])
            queue.start_async({0: full}, (number, len(batch)))
        queue.wait_all()
        yield from (results[number] for number in sorted(results))


SIDES = {"torch": Torch, "onnxruntime": OnnxRuntime, "openvino": OpenVINO}


def main():
    side, folder, stem, batch_size, workers, threads, output = sys.argv[1:]
    batch_size, workers, threads = int(batch_size), int(workers), int(threads)
    import torch

    kind, precision = side.rsplit("-", 1)
    model = SIDES[kind](stem, precision, batch_size, threads)
    list(model.features([torch.zeros(batch_size, 3, CROP, CROP)]))
    loader = torch.utils.data.DataLoader(Pictures(folder), batch_size=batch_size, num_workers=workers)
    started = time.perf_counter()
    features = np.concatenate(list(model.features(loader)))
    seconds = time.perf_counter() - started
    np.save(output, features)
    print(json.dumps({"seconds": seconds}), flush=True)
    # OpenVINO's threads, at times, never let an interpreter end that has torch in it.
    os._exit(0)


if __name__ == "__main__":
    # Workers that are forked after OpenMP's threads have started must not wait for them.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    main()
