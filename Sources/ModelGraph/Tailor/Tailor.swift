import Tensors

/// A network that was cut for use as a frozen backbone.
public struct TailoredModel: Sendable, Hashable {
    /// The layers up to the cut, with pooling behind them where the cut gives a feature map; the output is a vector.
    public let graph: ModelGraph
    /// The layer after which the rest was chopped off.
    public let cut: String
    /// How the feature map there is pooled; nil where the cut needs none.
    public let pool: PoolingMode?
    /// Whether pooling was needed and nobody said which, so that the mean was taken.
    public let isPoolDefault: Bool
}

/// Turns a classifier into a backbone in the three steps of Finetuner's tailor: the last layers are chopped off here
/// (`cut`); what stays is frozen, since backbones only ever run forward; and a projection head, which is trained on
/// features alone, is attached where the embeddings are made.
public struct Tailor: Sendable {
    private let graph: ModelGraph
    private let positions: [String: Int]
    /// What each layer gives.
    private let outputKinds: [OutputKind]

    /// A tailor for `graph`.
    public init(_ graph: ModelGraph) {
        self.graph = graph
        let positions = Dictionary(
            uniqueKeysWithValues: graph.layers.enumerated().map { ($0.element.name, $0.offset) })
        var kinds: [OutputKind] = []
        for layer in graph.layers {
            kinds.append(
                OutputKind(of: layer.operation, on: layer.inputs.map { positions[$0].map { kinds[$0] } ?? .map }))
        }
        (self.positions, outputKinds) = (positions, kinds)
    }

    /// A row for each layer, in the order of computation, for pictures of `height` x `width`. `cut` decides which stay, as
    /// in `cut(after:pool:)`. Throws `InputError` where a layer cannot take such pictures or there is no such cut.
    public func layers(height: Int, width: Int, cut: String? = nil) throws -> [LayerSummary] {
        let shapes = try graph.shapes(height: height, width: width)
        let kept = ancestors(of: try position(of: cut))
        return graph.layers.enumerated().compactMap { index, layer in
            guard let shape = shapes[layer.name] else { return nil }
            let isVector = if case .vector = shape { true } else { false }
            return LayerSummary(
                index: index, name: layer.name, type: layer.operation.typeName, outputShape: shape.dimensions,
                parameterCount: layer.operation.parameterCount, isDense: layer.operation.isDense,
                isEmbeddingCandidate: isVector, state: kept.contains(index) ? .frozen : .removed)
        }
    }

    /// The network up to and including a layer, without any layer that it does not need.
    ///
    /// - Parameters:
    ///   - name: A layer's name; or a module's, such as `layer4`, for the last layer in it; or a layer's number; or nil
    ///     for the layer before the classifier, which is the last layer where that is not dense.
    ///   - pool: How a feature map becomes a vector. Nil takes the mean where there is a map to pool.
    /// Throws `InputError` where there is no such layer, with the nearest names, and where `pool` is given for a cut that
    /// has nothing left to pool.
    public func cut(after name: String? = nil, pool: PoolingMode? = nil) throws -> TailoredModel {
        let position = try position(of: name)
        let kept = ancestors(of: position)
        var layers = graph.layers.indices.filter(kept.contains).map { graph.layers[$0] }
        let cut = graph.layers[position].name
        let output = outputKinds[position]
        if let pool, output != .map { throw nothingToPool(cut, pool) }
        let names = Set(layers.map(\.name))
        var last = cut
        func append(_ name: String, _ operation: Operation) {
            let unique = ([name] + (1...names.count + 1).map { "\(name)_\($0)" }).first { !names.contains($0) } ?? name
            layers.append(Layer(unique, operation, inputs: [last]))
            last = unique
        }
        if output == .map { append("pool", .globalPool((pool ?? .avg).operation)) }
        if output != .vector { append("flatten", .flatten) }
        return TailoredModel(
            graph: ModelGraph(architecture: graph.architecture, inputChannels: graph.inputChannels, layers: layers),
            cut: cut, pool: output == .map ? pool ?? .avg : nil, isPoolDefault: output == .map && pool == nil)
    }

    // MARK: Which layer

    private func position(of name: String?) throws -> Int {
        guard let name else { return defaultPosition }
        if let position = positions[name] { return position }
        if let last = graph.layers.lastIndex(where: { $0.isPart(of: name) }) { return last }
        if let index = Int(name), graph.layers.indices.contains(index) { return index }
        let nearest = Spelling.nearest(to: name, in: graph.layers.map(\.name))
        throw InputError(
            "layer '\(name)'", "is not in \(graph.architecture); did you mean \(nearest.joined(separator: ", "))?",
            remedy: "The command 'layers' lists all \(graph.layers.count).")
    }

    /// The layer that feeds the classifier, a dense layer at the very end; its biases where they are a layer of their own, softmax,
    /// and layers that do nothing, such as dropout, do not count. The last layer where there is no classifier.
    private var defaultPosition: Int {
        let last = graph.layers.count - 1
        let end = classifier(before: last)
        guard graph.layers[end].operation.isDense, let input = source(of: end) else { return last }
        return skippingIdentities(from: input)
    }

    private func classifier(before position: Int) -> Int {
        var position = position
        while graph.layers[position].operation.onlyDressesScores, let input = source(of: position) { position = input }
        return position
    }

    private func skippingIdentities(from position: Int) -> Int {
        var position = position
        while case .identity = graph.layers[position].operation, let input = source(of: position) { position = input }
        return position
    }

    /// The position of a layer's first input, or nil where that is the picture.
    private func source(of position: Int) -> Int? { graph.layers[position].inputs.first.flatMap { positions[$0] } }

    private func ancestors(of position: Int) -> Set<Int> {
        var found: Set<Int> = [position]
        for index in stride(from: position, through: 0, by: -1) where found.contains(index) {
            found.formUnion(graph.layers[index].inputs.compactMap { positions[$0] })
        }
        return found
    }

    // MARK: What a cut gives

    private enum OutputKind {
        /// A feature map whose size depends on the picture.
        case map
        /// A map of one value a channel.
        case pooledMap
        case vector

        /// What an operation gives on such inputs.
        init(of operation: Operation, on inputs: [OutputKind]) {
            switch operation {
            case .flatten, .linear, .reshape(.vector): self = .vector
            case .globalPool, .reshape(.map(_, 1, 1)): self = .pooledMap
            case .reshape(.map): self = .map
            default:
                // One value a channel is still one after a convolution, whatever its window.
                self = inputs.contains(.map) ? .map : inputs.contains(.pooledMap) ? .pooledMap : .vector
            }
        }
    }

    private func nothingToPool(_ cut: String, _ pool: PoolingMode) -> InputError {
        let map = ancestors(of: positions[cut] ?? 0).filter { outputKinds[$0] == .map }.max()
        let advice = map.map { "Cut at \(graph.layers[$0].name) to pool its feature map, or leave the pooling out." }
        return InputError(
            "pooling '\(pool.rawValue)'", "the cut \(cut) has no feature map left to pool", remedy: advice ?? "")
    }
}

extension Tailor {
    /// Several cuts of one network: each on its own, and all in one, whose result is their vectors one after the other, in the order
    /// of `names`, with what they share computed once.
    ///
    /// `pool` counts for the cuts that have a feature map. Throws `InputError` as `cut(after:pool:)` does, where two names are the
    /// same layer, and where `pool` is given and no cut has a map.
    public func cuts(after names: [String], pool: PoolingMode? = nil) throws -> (
        models: [TailoredModel], all: ModelGraph
    ) {
        let models = try names.map { name in
            let plain = try cut(after: name)
            return plain.pool == nil || pool == nil ? plain : try cut(after: name, pool: pool)
        }
        if let pool, models.allSatisfy({ $0.pool == nil }), let last = models.last {
            _ = try cut(after: last.cut, pool: pool)
        }
        for (index, model) in models.enumerated() where models[..<index].contains(where: { $0.cut == model.cut }) {
            throw InputError("cut '\(names[index])'", "is the layer \(model.cut), which is given already")
        }
        return (models, combined(models))
    }

    private func combined(_ models: [TailoredModel]) -> ModelGraph {
        let kept = models.reduce(into: Set<Int>()) { kept, model in
            if let position = positions[model.cut] { kept.formUnion(ancestors(of: position)) }
        }
        var layers = graph.layers.indices.filter(kept.contains).map { graph.layers[$0] }
        var ends: [String] = []
        for (number, model) in models.enumerated() {
            // What stands behind a cut was appended to it, and may be called like another layer of the whole network.
            let appended = model.graph.layers.reversed().prefix { $0.name != model.cut }.reversed()
            var last = model.cut
            for layer in appended {
                let name = "\(layer.name)#\(number)"
                layers.append(Layer(name, layer.operation, inputs: [last]))
                last = name
            }
            ends.append(last)
        }
        layers.append(Layer("cuts#", .concatenate, inputs: ends))
        return ModelGraph(architecture: graph.architecture, inputChannels: graph.inputChannels, layers: layers)
    }
}

extension Operation {
    /// Whether it can stand behind a classifier without being a part of the network that matters.
    fileprivate var onlyDressesScores: Bool {
        switch self {
        case .identity, .softmax: true
        case .batchNormalization(let normalization): normalization.isAffine
        default: false
        }
    }
}

extension Layer {
    /// Whether a module's name comes before the layer's: `layer4` before `layer4.2.relu`, or as a part of its own in
    /// `layer4/layer4.2/relu/Relu`, as torch names what it exports to ONNX.
    fileprivate func isPart(of module: String) -> Bool {
        name.hasPrefix(module + ".") || "/\(name)".contains("/\(module)/")
    }
}
