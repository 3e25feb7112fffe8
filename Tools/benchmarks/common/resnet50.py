"""A ResNet-50 with random weights: its tensors under torchvision's names, as a safetensors file and as ONNX."""

import json


def resnet50_tensors(generator):
    """The tensors of torchvision's resnet50 without its classifier, random, activations kept near one."""
    import numpy as np

    tensors = {}

    def convolution(name, outputs, inputs, size):
        deviation = (2 / (inputs * size * size)) ** 0.5
        shape = (outputs, inputs, size, size)
        tensors[name + ".weight"] = (generator.standard_normal(shape) * deviation).astype(np.float32)

    def normalization(name, channels, scale=1.0):
        for key, low, high in [("weight", 0.8 * scale, 1.2 * scale), ("bias", -0.1, 0.1),
                               ("running_mean", -0.1, 0.1), ("running_var", 0.8, 1.2)]:
            tensors[f"{name}.{key}"] = generator.uniform(low, high, channels).astype(np.float32)

    convolution("conv1", 64, 3, 7)
    normalization("bn1", 64)
    channels = 64
    for stage, blocks in enumerate([3, 4, 6, 3]):
        width = 64 << stage
        for block in range(blocks):
            name = f"layer{stage + 1}.{block}"
            sizes = [(width, channels, 1), (width, width, 3), (4 * width, width, 1)]
            for index, (outputs, inputs, size) in enumerate(sizes):
                convolution(f"{name}.conv{index + 1}", outputs, inputs, size)
                normalization(f"{name}.bn{index + 1}", outputs, 0.2 if index == 2 else 1.0)
            if block == 0:
                convolution(f"{name}.downsample.0", 4 * width, channels, 1)
                normalization(f"{name}.downsample.1", 4 * width)
            channels = 4 * width
    return tensors


def write_safetensors(tensors, path):
    header, offset = {}, 0
    for name, tensor in tensors.items():
        header[name] = {"dtype": "F32", "shape": tensor.shape, "data_offsets": [offset, offset + tensor.nbytes]}
        offset += tensor.nbytes
    text = json.dumps(header).encode()
    with open(path, "wb") as file:
        file.write(len(text).to_bytes(8, "little") + text)
        for tensor in tensors.values():
            file.write(tensor.tobytes())


def resnet50_onnx(tensors, batch_size, size):
    """The same network as ONNX, as an exporter would write it: batch normalization in its own nodes."""
    import onnx
    from onnx import TensorProto, helper, numpy_helper

    nodes = []

    def node(kind, inputs, name, **attributes):
        nodes.append(helper.make_node(kind, inputs, [name], name=name, **attributes))
        return name

    def convolution(name, source, normalization, stride=1, relu=True):
        window = tensors[name + ".weight"].shape[2]
        last = node("Conv", [source, name + ".weight"], name, kernel_shape=[window] * 2, strides=[stride] * 2,
                    pads=[window // 2] * 4)
        keys = ["weight", "bias", "running_mean", "running_var"]
        inputs = [last] + [f"{normalization}.{key}" for key in keys]
        last = node("BatchNormalization", inputs, normalization, epsilon=1e-5)
        return node("Relu", [last], last + ".relu") if relu else last

    last = convolution("conv1", "input", "bn1", 2)
    last = node("MaxPool", [last], "maxpool", kernel_shape=[3, 3], strides=[2, 2], pads=[1] * 4)
    for stage, blocks in enumerate([3, 4, 6, 3]):
        for block in range(blocks):
            name = f"layer{stage + 1}.{block}"
            stride = 2 if stage > 0 and block == 0 else 1
            branch = convolution(name + ".conv1", last, name + ".bn1")
            branch = convolution(name + ".conv2", branch, name + ".bn2", stride)
            branch = convolution(name + ".conv3", branch, name + ".bn3", relu=False)
            if block == 0:
                last = convolution(name + ".downsample.0", last, name + ".downsample.1", stride, relu=False)
            last = node("Relu", [node("Add", [branch, last], name + ".add")], name + ".relu")
    last = node("Flatten", [node("GlobalAveragePool", [last], "avgpool")], "features")
    graph = helper.make_graph(
        nodes, "resnet50",
        [helper.make_tensor_value_info("input", TensorProto.FLOAT, [batch_size, 3, size, size])],
        [helper.make_tensor_value_info("features", TensorProto.FLOAT, [batch_size, 2048])],
        [numpy_helper.from_array(tensor, name) for name, tensor in tensors.items()])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.checker.check_model(model)
    return model.SerializeToString()
