import ModelGraph
import Tensors

/// A network as a short list of fused steps between numbered values: what is left of a `ModelGraph` once everything that
/// costs nothing, or can ride on another computation, is gone.
struct ExecutionPlan: Sendable {
    /// The shape of a value; a vector is a map of 1 x 1.
    struct MapShape: Sendable, Equatable, CustomStringConvertible {
        let channels, height, width: Int
        var description: String { "\(channels)x\(height)x\(width)" }
        var dimensions: [Int] { [channels, height, width] }
        var elementCount: Int { channels * height * width }
    }

    /// What a step computes.
    enum Kernel: Sendable, Equatable {
        case convolution(Convolution)
        case linear(Linear)
        case batchNormalization(BatchNormalization)
        case activation(Activation)
        case maxPool(Window)
        case averagePool(Window, countsPadding: Bool)
        case globalPool(GlobalPool)
        case arithmetic(Arithmetic)
        case concatenate
        case slice(Slice)
        case channelShuffle(groups: Int)
        /// The values under another shape, read in this order.
        case reshape(FlattenOrder)
        case softmax
    }

    /// One computation.
    struct Step: Sendable {
        /// The layers of the graph that it stands for, in their order.
        var layers: [String]
        var kernel: Kernel
        /// The values that it reads.
        var inputs: [Int]
        /// The value that it writes.
        var output: Int
        /// A value that is added to the result and whose memory the result takes over; nothing reads it afterwards.
        var accumulated: Int?
        /// What is applied last.
        var activation: Activation?

        /// The layers' names for an error message.
        var name: String { layers.joined(separator: " + ") }
    }

    /// The value that holds the picture.
    static let picture = 0

    /// The steps, each after those that it reads from.
    var steps: [Step] = []
    /// The shape of each value, by its number.
    var shapes: [MapShape] = []
    /// The value that is the network's result.
    var output = picture

    /// Whether no step after the one at `index` needs `value`.
    func isDead(_ value: Int, after index: Int) -> Bool {
        value != output
            && !steps[(index + 1)...].contains { $0.inputs.contains(value) || $0.accumulated == value }
    }
}

extension ExecutionPlan {
    /// The fused plan of `graph` for pictures of `height` x `width`. Throws `InputError` naming the first layer that
    /// cannot take the size.
    init(graph: ModelGraph, height: Int, width: Int) throws {
        self.init(unfused: graph, shapes: try graph.shapes(height: height, width: width))
        foldBatchNormalization()
        accumulateResiduals()
        attachActivations()
    }

    /// One step a layer, except where a layer only renames what it is given or nothing leads from it to the result.
    init(unfused graph: ModelGraph, shapes layerShapes: [String: FeatureShape]) {
        let needed = graph.layersThatReachTheOutput()
        var values: [String: Int] = [:]
        func define(_ name: String) -> Int {
            values[name] = shapes.count
            shapes.append(MapShape(layerShapes[name]))
            return shapes.count - 1
        }
        _ = define(ModelGraph.inputName)
        for layer in graph.layers where needed.contains(layer.name) {
            let inputs = layer.inputs.compactMap { values[$0] }
            if let kernel = Kernel(layer.operation, on: shapes[inputs[0]]) {
                let output = define(layer.name)
                steps.append(Step(layers: [layer.name], kernel: kernel, inputs: inputs, output: output))
            } else {
                values[layer.name] = inputs[0]
            }
        }
        output = values[graph.outputName] ?? Self.picture
    }
}

extension ExecutionPlan.MapShape {
    fileprivate init(_ shape: FeatureShape?) {
        switch shape {
        case .map(let channels, let height, let width): self.init(channels: channels, height: height, width: width)
        case .vector(let length): self.init(channels: length, height: 1, width: 1)
        case nil: preconditionFailure("a graph gives every layer a shape")
        }
    }
}

extension ExecutionPlan.Kernel {
    /// The kernel of an operation on a value of `shape`, or nil where the operation gives back what it is given.
    fileprivate init?(_ operation: Operation, on shape: ExecutionPlan.MapShape) {
        switch operation {
        case .convolution(let convolution): self = .convolution(convolution)
        case .batchNormalization(let normalization): self = .batchNormalization(normalization)
        case .activation(let activation): self = .activation(activation)
        case .maxPool(let window): self = .maxPool(window)
        case .averagePool(let window, let countsPadding): self = .averagePool(window, countsPadding: countsPadding)
        case .globalPool(let pool): self = .globalPool(pool)
        case .arithmetic(let arithmetic): self = .arithmetic(arithmetic)
        case .concatenate: self = .concatenate
        case .slice(let slice): self = .slice(slice)
        case .channelShuffle(let groups): self = .channelShuffle(groups: groups)
        case .linear(let linear): self = .linear(linear)
        case .flatten(let order) where shape.height * shape.width > 1: self = .reshape(order)
        case .reshape(let target) where ExecutionPlan.MapShape(target) != shape: self = .reshape(.channelsFirst)
        case .softmax: self = .softmax
        case .flatten, .reshape, .identity: return nil
        }
    }
}

extension ModelGraph {
    /// The names of the layers that the result depends on.
    fileprivate func layersThatReachTheOutput() -> Set<String> {
        var needed: Set<String> = [outputName]
        for layer in layers.reversed() where needed.contains(layer.name) { needed.formUnion(layer.inputs) }
        return needed
    }
}
