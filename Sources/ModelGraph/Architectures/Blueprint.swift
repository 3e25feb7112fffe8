import Tensors

/// A network's layers before their weights are known: what tensors they need, by name and shape, and how to make the graph
/// once those are there.
struct Blueprint: Sendable {
    /// What a layer computes, by the shapes of its weights.
    enum Step: Sendable {
        /// A convolution: `NAME.weight` of the given shape, and `NAME.bias` where it has one.
        case convolution(weight: [Int], hasBias: Bool = false, groups: Int = 1, stride: Int = 1, padding: Padding)
        /// `NAME.weight`, `.bias`, `.running_mean` and `.running_var`.
        case batchNormalization(channels: Int, epsilon: Float)
        /// `NAME.weight` and `NAME.bias`.
        case linear(inputs: Int, outputs: Int)
        /// A layer without weights.
        case fixed(Operation)
    }

    /// A tensor that a layer needs.
    struct Requirement: Sendable, Hashable {
        let name: String
        let shape: [Int]
    }

    let architecture: String
    let inputChannels: Int
    private(set) var layers: [(name: String, step: Step, inputs: [String])] = []
    /// The layer that was added last.
    private(set) var last = ModelGraph.inputName

    init(architecture: String, inputChannels: Int) {
        self.architecture = architecture
        self.inputChannels = inputChannels
    }

    /// Adds a layer that takes `inputs`, or the last one where none are named.
    mutating func add(_ name: String, _ step: Step, inputs: [String]? = nil) {
        layers.append((name, step, inputs ?? [last]))
        last = name
    }

    /// How many classes the layer called `classifier` tells apart, or nil where `shapes` has none of its tensors.
    static func classes(_ classifier: String, in shapes: [String: [Int]]) -> Int? {
        let count = (shapes[classifier + ".weight"] ?? shapes[classifier + ".bias"])?.first
        return count.flatMap { $0 > 0 ? $0 : nil }
    }

    /// The tensors that all layers need, in order.
    var requirements: [Requirement] { layers.flatMap { Self.requirements(of: $0.step, named: $0.name) } }

    private static func requirements(of step: Step, named name: String) -> [Requirement] {
        switch step {
        case .convolution(let weight, let hasBias, _, _, _):
            [Requirement(name: name + ".weight", shape: weight)]
                + (hasBias ? [Requirement(name: name + ".bias", shape: [weight[0]])] : [])
        case .batchNormalization(let channels, _):
            ["weight", "bias", "running_mean", "running_var"].map {
                Requirement(name: "\(name).\($0)", shape: [channels])
            }
        case .linear(let inputs, let outputs):
            [
                Requirement(name: name + ".weight", shape: [outputs, inputs]),
                Requirement(name: name + ".bias", shape: [outputs]),
            ]
        case .fixed: []
        }
    }

    /// The graph with tensors from `provide`, which must give each of the required shape.
    func graph(_ provide: (Requirement) throws -> DenseTensor) rethrows -> ModelGraph {
        let layers = try layers.map { name, step, inputs in
            let tensors = try Self.requirements(of: step, named: name).map(provide)
            return Layer(name, Self.operation(step, tensors), inputs: inputs)
        }
        return ModelGraph(architecture: architecture, inputChannels: inputChannels, layers: layers)
    }

    /// The graph with zeros for weights: its layers, shapes and counts without a weights file. Tensors of one size share
    /// their memory.
    func skeleton() -> ModelGraph {
        var zeros: [Int: [Float]] = [:]
        return graph { requirement in
            let count = requirement.shape.reduce(1, *)
            let elements = zeros[count] ?? [Float](repeating: 0, count: count)
            zeros[count] = elements
            return DenseTensor(shape: requirement.shape, elements: elements)
        }
    }

    private static func operation(_ step: Step, _ tensors: [DenseTensor]) -> Operation {
        switch step {
        case .convolution(_, let hasBias, let groups, let stride, let padding):
            .convolution(
                Convolution(
                    weight: tensors[0], bias: hasBias ? tensors[1] : nil, groups: groups, stride: stride,
                    padding: padding))
        case .batchNormalization(_, let epsilon):
            .batchNormalization(
                BatchNormalization(
                    scale: tensors[0], shift: tensors[1], mean: tensors[2], variance: tensors[3], epsilon: epsilon))
        case .linear: .linear(Linear(weight: tensors[0], bias: tensors[1]))
        case .fixed(let operation): operation
        }
    }
}
