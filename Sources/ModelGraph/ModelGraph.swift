import Tensors

/// One named step of a network.
public struct Layer: Sendable, Hashable {
    /// The name users see and cut by, such as `layer4.2.relu`; unique in its graph.
    public let name: String
    /// What it computes.
    public let operation: Operation
    /// The layers whose results it takes, in order; `ModelGraph.inputName` is the picture itself.
    public let inputs: [String]

    /// A layer.
    public init(_ name: String, _ operation: Operation, inputs: [String]) {
        self.name = name
        self.operation = operation
        self.inputs = inputs
    }
}

/// A convolutional network as layers in topological order, with its weights. The last layer is the output.
public struct ModelGraph: Sendable, Hashable {
    /// The name under which layers take the picture.
    public static let inputName = "input"

    /// The architecture in words, such as `resnet50`.
    public let architecture: String
    /// Channels that a picture must have.
    public let inputChannels: Int
    /// The layers; each takes only what stands before it.
    public let layers: [Layer]

    /// A graph over `layers`. Traps where a name repeats or an input does not stand before its layer: importers check what
    /// files claim before they come here.
    public init(architecture: String, inputChannels: Int = 3, layers: [Layer]) {
        var known: Set<String> = [Self.inputName]
        for layer in layers {
            for input in layer.inputs { precondition(known.contains(input), "\(layer.name) takes unknown \(input)") }
            precondition(known.insert(layer.name).inserted, "two layers are called \(layer.name)")
        }
        precondition(!layers.isEmpty, "a graph needs a layer")
        self.architecture = architecture
        self.inputChannels = inputChannels
        self.layers = layers
    }

    /// The last layer's name.
    public var outputName: String { layers[layers.count - 1].name }

    /// The shape of every layer's result for a picture of `height` x `width`, by layer name. Throws `InputError` naming
    /// the first layer that cannot take what it is given.
    public func shapes(height: Int, width: Int) throws -> [String: FeatureShape] {
        var shapes: [String: FeatureShape] = [
            Self.inputName: .map(channels: inputChannels, height: height, width: width)
        ]
        for layer in layers {
            let inputs = layer.inputs.compactMap { shapes[$0] }
            guard let shape = layer.operation.outputShape(of: inputs) else {
                let given = inputs.map(\.description).joined(separator: " and ")
                throw InputError(
                    "layer '\(layer.name)'", "cannot take \(given) for a picture of \(height)x\(width)",
                    remedy: "Use the input size that the network was made for.")
            }
            shapes[layer.name] = shape
        }
        return shapes
    }
}

extension Operation {
    /// The shape of the result for inputs of the given shapes, or nil where the operation cannot take them.
    func outputShape(of inputs: [FeatureShape]) -> FeatureShape? {
        guard let first = inputs.first, accepts(inputs.count) else { return nil }
        switch self {
        case .convolution(let convolution):
            guard case .map(convolution.inputChannels, let height, let width) = first else { return nil }
            return slide(convolution.window, height, width, channels: convolution.outputChannels)
        case .maxPool(let window), .averagePool(let window, _):
            guard case .map(let channels, let height, let width) = first else { return nil }
            return slide(window, height, width, channels: channels)
        case .batchNormalization(let normalization):
            return first.dimensions[0] == normalization.channels ? first : nil
        case .globalPool:
            guard case .map(let channels, _, _) = first else { return nil }
            return .map(channels: channels, height: 1, width: 1)
        case .linear(let linear): return first == .vector(linear.inputs) ? .vector(linear.outputs) : nil
        case .flatten: return .vector(first.elementCount)
        case .activation, .identity, .softmax: return first
        case .arithmetic(let arithmetic): return arithmetic.outputShape(first, inputs[1])
        case .concatenate: return first.concatenated(with: inputs.dropFirst())
        case .slice(let slice): return slice.outputShape(of: first)
        case .channelShuffle(let groups): return first.dimensions[0].isMultiple(of: groups) ? first : nil
        case .reshape(let shape): return shape.elementCount == first.elementCount ? shape : nil
        }
    }

    private func accepts(_ count: Int) -> Bool {
        switch self {
        case .arithmetic: count == 2
        case .concatenate: count >= 1
        default: count == 1
        }
    }

    private func slide(_ window: Window, _ height: Int, _ width: Int, channels: Int) -> FeatureShape? {
        window.outputSize(height: height, width: width).map {
            .map(channels: channels, height: $0.height, width: $0.width)
        }
    }
}
