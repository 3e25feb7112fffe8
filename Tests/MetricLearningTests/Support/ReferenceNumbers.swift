import Tensors

@testable import MetricLearning

/// A JSON number or nested arrays of numbers.
struct NestedNumbers: Decodable {
    let shape: [Int]
    let elements: [Double]

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let number = try? container.decode(Double.self) {
            (shape, elements) = ([], [number])
        } else {
            let parts = try container.decode([NestedNumbers].self)
            shape = [parts.count] + (parts.first?.shape ?? [])
            elements = parts.flatMap(\.elements)
        }
    }

    var floats: [Float] { elements.map(Float.init) }

    /// As a matrix; a vector becomes one row.
    var matrix: Matrix {
        Matrix(rows: shape.count == 2 ? shape[0] : 1, columns: shape.last ?? 1, elements: floats)
    }
}

/// Labelled embeddings of `inputs.json`, and the loss or miner settings of the cases that use them.
struct ReferenceInputs: Decodable {
    struct Batch: Decodable {
        let x: NestedNumbers
        let y: [Int]
    }
    let inputs: [String: Batch]
}

/// A setting of a component in the reference data: a number, a flag, a name, or a component with a `type`.
struct ReferenceSetting: Decodable {
    let argument: ComponentDescription.Argument

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let flag = try? container.decode(Bool.self) {
            argument = .flag(flag)
        } else if let number = try? container.decode(Double.self) {
            argument = .number(number)
        } else if let name = try? container.decode(String.self) {
            argument = .component(ComponentDescription(name))
        } else {
            argument = .component(try container.decode(ReferenceComponent.self).description)
        }
    }
}

/// A component of the reference data: its name as `type`, and its settings.
struct ReferenceComponent: Decodable {
    let description: ComponentDescription

    init(from decoder: any Decoder) throws {
        var settings = try decoder.singleValueContainer().decode([String: ReferenceSetting].self).mapValues(\.argument)
        guard case .component(let type)? = settings.removeValue(forKey: "type") else {
            throw InputError("a component", "has no type")
        }
        description = ComponentDescription(type.name, settings)
    }
}

struct ReferenceMiners: Decodable {
    struct Case: Decodable {
        let miner: ReferenceComponent
        let input: String
        let kind: String
        let indices: [[Int]]

        var tuples: MinedTuples {
            guard kind == "triplets" else {
                return .pairs(
                    positive: zip(indices[0], indices[1]).map { AnchoredPair(anchor: $0, other: $1) },
                    negative: zip(indices[2], indices[3]).map { AnchoredPair(anchor: $0, other: $1) })
            }
            return .triplets(
                indices[0].indices.map {
                    Triplet(anchor: indices[0][$0], positive: indices[1][$0], negative: indices[2][$0])
                })
        }
    }
    let cases: [Case]
}

extension ProjectionHead {
    /// A head from a PyTorch state dictionary.
    init(stateDictionary tensors: [String: NestedNumbers]) throws {
        func tensor(_ name: String) throws -> NestedNumbers {
            guard let tensor = tensors[name] else { throw InputError(name, "is missing") }
            return tensor
        }
        let names = (0..<tensors.values.count { $0.shape.count == 2 }).map { LayerNames($0) }
        var architecture = HeadArchitecture()
        architecture.layers = names.count
        let (input, output) = (try tensor(names[0].weight).shape[1], try tensor(names[names.count - 1].weight).shape[0])
        var layers = HeadLayer.layers(architecture, from: input, to: output)
        for (index, name) in names.enumerated() {
            layers[index].statistics = RunningStatistics(
                means: try tensor(name.mean).floats, variances: try tensor(name.variance).floats)
        }
        self.init(
            inputDimension: input, outputDimension: output, architecture: architecture, shortcut: nil, layers: layers,
            parameters: try names.flatMap { [$0.weight, $0.scale, $0.shift] }.map { try tensor($0).matrix })
    }

    /// The names of `parameters`.
    var parameterNames: [String] {
        (0..<layerCount).map { LayerNames($0) }.flatMap { [$0.weight, $0.scale, $0.shift] }
    }
}
