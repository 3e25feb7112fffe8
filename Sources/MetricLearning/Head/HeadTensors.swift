import Tensors

/// Turns the tensors of a safetensors file into a projection head, after checking every name, shape and value.
struct HeadTensors {
    private let file: SafetensorsFile
    private let inputDimension, outputDimension: Int
    private let hasShortcut: Bool
    private let layers: [HeadLayer]
    private let architecture: HeadArchitecture

    private static let remedy = "Give a projection head as train-head writes it."

    init(_ file: SafetensorsFile) throws {
        self.file = file
        hasShortcut = file.entries[ShortcutNames.projection] != nil
        let matrix: (String) -> [Int]? = { name in file.entries[name].flatMap { $0.shape.count == 2 ? $0.shape : nil } }
        architecture = Self.architecture(file, matrix)
        let ends: (input: Int, output: Int)?
        if architecture.layers > 0 {
            let last = matrix(LayerNames(architecture.layers - 1).weight)
            ends = matrix(LayerNames(0).weight).flatMap { first in last.map { (first[1], $0[0]) } }
        } else if hasShortcut {
            ends = matrix(ShortcutNames.projection).map { ($0[1], $0[0]) }
        } else {
            ends = try Self.passedDimension(file).map { ($0, $0) }
        }
        guard let ends else {
            throw InputError(LayerNames(0).weight, "is missing or is not a matrix", remedy: Self.remedy)
        }
        guard ends.input > 0, ends.output > 0, (architecture.width ?? 1) > 0 else {
            throw InputError(
                LayerNames(0).weight, "makes a head from \(ends.input) to \(ends.output) dimensions",
                remedy: Self.remedy)
        }
        (inputDimension, outputDimension) = ends
        layers = HeadLayer.layers(architecture, from: ends.input, to: ends.output)
    }

    /// The form of the layers, from which tensors there are.
    private static func architecture(_ file: SafetensorsFile, _ matrix: (String) -> [Int]?) -> HeadArchitecture {
        var architecture = HeadArchitecture()
        // A layer has a tensor at least, so that the number of tensors bounds the search for the last one.
        architecture.layers = ((0..<file.entries.count).last { matrix(LayerNames($0).weight) != nil } ?? -1) + 1
        guard architecture.layers > 0, let first = matrix(LayerNames(0).weight) else { return architecture }
        architecture.width = architecture.layers > 1 && first[0] != first[1] ? first[0] : nil
        architecture.hasBias = file.entries[LayerNames(0).bias] != nil
        architecture.normalizesOutput = file.entries[LayerNames(architecture.layers - 1).scale] != nil
        return architecture
    }

    private static func passedDimension(_ file: SafetensorsFile) throws -> Int? {
        guard file.entries[ShortcutNames.dimension] != nil else { return nil }
        guard let value = file.tensor(ShortcutNames.dimension)?.elements.first, let dimension = Int(exactly: value),
            (1...1 << 24).contains(dimension)
        else { throw InputError(ShortcutNames.dimension, "is not a dimension", remedy: Self.remedy) }
        return dimension
    }

    func head() throws -> ProjectionHead {
        try checkNamesAndShapes()
        var layers = layers
        var parameters: [Matrix] = []
        for (index, layer) in layers.enumerated() {
            let names = LayerNames(index)
            let weight = try values(names.weight)
            parameters.append(Matrix(rows: layer.outputs, columns: layer.inputs, elements: weight))
            for (name, place) in [(names.bias, layer.bias), (names.scale, layer.scale), (names.shift, layer.shift)]
            where place != nil {
                parameters.append(Matrix(rows: 1, columns: layer.outputs, elements: try values(name)))
            }
            guard layer.statistics != nil else { continue }
            layers[index].statistics = RunningStatistics(
                means: try values(names.mean), variances: try values(names.variance, atLeast: 0))
        }
        return ProjectionHead(
            inputDimension: inputDimension, outputDimension: outputDimension, architecture: architecture,
            shortcut: try shortcut(), layers: layers, parameters: parameters, batchesTracked: try batchesTracked())
    }

    private func shortcut() throws -> Shortcut? {
        guard hasShortcut else { return nil }
        let mean = try values(ShortcutNames.mean)
        let projection = try values(ShortcutNames.projection)
        return Shortcut(
            mean: Matrix(rows: 1, columns: inputDimension, elements: mean),
            projection: Matrix(rows: outputDimension, columns: inputDimension, elements: projection),
            residualWeight: try values(ShortcutNames.residualWeight)[0])
    }

    private func expectedShapes() -> [(name: String, shape: [Int])] {
        var expected: [(name: String, shape: [Int])] = []
        for (index, layer) in layers.enumerated() {
            let names = LayerNames(index)
            expected.append((names.weight, [layer.outputs, layer.inputs]))
            if layer.bias != nil { expected.append((names.bias, [layer.outputs])) }
            guard layer.statistics != nil else { continue }
            expected += [names.scale, names.shift, names.mean, names.variance].map { ($0, [layer.outputs]) }
            expected.append((names.batches, []))
        }
        if hasShortcut {
            expected.append((ShortcutNames.mean, [inputDimension]))
            expected.append((ShortcutNames.projection, [outputDimension, inputDimension]))
            expected.append((ShortcutNames.residualWeight, []))
        } else if layers.isEmpty {
            expected.append((ShortcutNames.dimension, []))
        }
        return expected
    }

    private func checkNamesAndShapes() throws {
        let expected = expectedShapes()
        let optional = Set(layers.indices.map { LayerNames($0).batches })
        var problems: [String] = []
        for (name, shape) in expected {
            guard let found = file.entries[name]?.shape else {
                if !optional.contains(name) { problems.append("\(name) \(shape) is missing") }
                continue
            }
            if found != shape { problems.append("\(name) has the shape \(found), not \(shape)") }
        }
        let known = Set(expected.map(\.name))
        problems += file.entries.keys.filter { !known.contains($0) }.sorted().map { "\($0) is not expected" }
        guard problems.isEmpty else {
            let rest = problems.count > 3 ? "; and \(problems.count - 3) more" : ""
            throw InputError(
                "projection head", problems.prefix(3).joined(separator: "; ") + rest, remedy: Self.remedy)
        }
    }

    /// The elements of a tensor that has been found, all finite and none below `least`.
    private func values(_ name: String, atLeast least: Float = -.infinity) throws -> [Float] {
        guard let tensor = file.tensor(name) else { throw InputError(name, "is missing", remedy: Self.remedy) }
        if let bad = tensor.elements.first(where: { !$0.isFinite || $0 < least }) {
            throw InputError(name, "holds the value \(bad)", remedy: "The file is damaged or its training failed.")
        }
        return tensor.elements
    }

    private func batchesTracked() throws -> Int {
        let names = layers.indices.map { LayerNames($0).batches }
        guard let name = names.first(where: { file.entries[$0] != nil }) else { return 0 }
        guard let value = try values(name, atLeast: 0).first, let count = Int(exactly: value) else {
            throw InputError(name, "is not a count of batches", remedy: Self.remedy)
        }
        return count
    }
}
