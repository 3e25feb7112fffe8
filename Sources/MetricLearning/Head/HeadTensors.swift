import Tensors

/// Turns the tensors of a safetensors file into a projection head, after checking every name, shape and value.
struct HeadTensors {
    private let file: SafetensorsFile
    private let layerCount: Int
    private let inputDimension: Int
    private let outputDimension: Int

    private static let remedy = "Give a projection head as train-head writes it."

    init(_ file: SafetensorsFile) throws {
        self.file = file
        func linearShape(_ layer: Int) -> [Int]? {
            file.entries[LayerNames(layer).weight].flatMap { $0.shape.count == 2 ? $0.shape : nil }
        }
        // A layer has several tensors, so that the number of tensors bounds the search for the last one.
        let last = (0..<file.entries.count).last { linearShape($0) != nil } ?? 0
        guard let first = linearShape(0), let output = linearShape(last)?.first else {
            throw InputError(LayerNames(0).weight, "is missing or is not a matrix", remedy: Self.remedy)
        }
        (layerCount, inputDimension, outputDimension) = (last + 1, first[1], output)
        guard inputDimension > 0, outputDimension > 0 else {
            throw InputError(
                LayerNames(0).weight, "makes a head from \(inputDimension) to \(outputDimension) dimensions",
                remedy: Self.remedy)
        }
    }

    func head() throws -> ProjectionHead {
        try checkNamesAndShapes()
        var parameters: [Matrix] = []
        var statistics: [RunningStatistics] = []
        for layer in 0..<layerCount {
            let names = LayerNames(layer)
            let weight = try values(names.weight)
            let width = layer == layerCount - 1 ? outputDimension : inputDimension
            parameters.append(Matrix(rows: width, columns: inputDimension, elements: weight))
            parameters.append(Matrix(rows: 1, columns: width, elements: try values(names.scale)))
            parameters.append(Matrix(rows: 1, columns: width, elements: try values(names.shift)))
            statistics.append(
                RunningStatistics(means: try values(names.mean), variances: try values(names.variance, atLeast: 0)))
        }
        return ProjectionHead(parameters: parameters, statistics: statistics, batchesTracked: try batchesTracked())
    }

    private func expectedShapes() -> [(name: String, shape: [Int])] {
        (0..<layerCount).flatMap { layer in
            let names = LayerNames(layer)
            let width = layer == layerCount - 1 ? outputDimension : inputDimension
            let vectors = [names.scale, names.shift, names.mean, names.variance]
            return [(names.weight, [width, inputDimension])] + vectors.map { ($0, [width]) } + [(names.batches, [])]
        }
    }

    private func checkNamesAndShapes() throws {
        let expected = expectedShapes()
        let optional = Set((0..<layerCount).map { LayerNames($0).batches })
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
        let name = LayerNames(0).batches
        guard file.entries[name] != nil else { return 0 }
        guard let value = try values(name, atLeast: 0).first, let count = Int(exactly: value) else {
            throw InputError(name, "is not a count of batches", remedy: Self.remedy)
        }
        return count
    }
}
