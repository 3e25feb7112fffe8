import Foundation
import ReferenceNetwork
import Tensors
import Testing

@testable import ModelGraph

@Suite("Tailor")
struct TailorTests {
    private let tailor = Tailor(SmallNetworks.basic.blueprint.skeleton())

    @Test("The listing has torch's names, shapes, parameter counts and what stays")
    func listing() throws {
        let layers = try tailor.layers(height: 64, width: 96)
        #expect(layers.map(\.index) == Array(layers.indices))
        let rows = Dictionary(uniqueKeysWithValues: layers.map { ($0.name, $0) })
        #expect(rows["conv1"]?.type == "Conv2d" && rows["conv1"]?.outputShape == [4, 32, 48])
        #expect(rows["conv1"]?.parameterCount == 4 * 3 * 49)
        #expect(rows["bn1"]?.type == "BatchNorm2d" && rows["bn1"]?.parameterCount == 8)
        #expect(rows["maxpool"]?.type == "MaxPool2d" && rows["maxpool"]?.outputShape == [4, 16, 24])
        #expect(rows["layer4.0.add"]?.outputShape == [10, 2, 3])
        #expect(rows["avgpool"]?.type == "AdaptiveAvgPool2d" && rows["avgpool"]?.isEmbeddingCandidate == false)
        #expect(rows["flatten"]?.isEmbeddingCandidate == true && rows["flatten"]?.isFrozen == true)
        #expect(rows["fc"]?.isDense == true && rows["fc"]?.state == .removed && rows["fc"]?.parameterCount == 33)
        #expect(layers.filter { !$0.isFrozen }.map(\.name) == ["fc"])
        let early = try tailor.layers(height: 64, width: 96, cut: "layer1")
        #expect(early.filter(\.isFrozen).last?.name == "layer1.0.relu_1")
        let copy = try JSONDecoder().decode([LayerSummary].self, from: JSONEncoder().encode(layers))
        #expect(copy == layers)
    }

    @Test("Without a name the cut is the layer before the classifier, and dropout before it does not count")
    func defaultCut() throws {
        let model = try tailor.cut()
        #expect(model.cut == "flatten" && model.pool == nil && !model.isPoolDefault)
        #expect(model.graph.outputName == "flatten")
        #expect(try Tailor(model.graph).cut().graph == model.graph)

        let weight = DenseTensor(shape: [2, 10], elements: [Float](repeating: 0, count: 20))
        let tail = [
            Layer("dropout", .identity, inputs: ["flatten"]),
            Layer("head", .linear(Linear(weight: weight)), inputs: ["dropout"]),
            Layer("end", .identity, inputs: ["head"]),
        ]
        let network = ModelGraph(architecture: "with dropout", layers: model.graph.layers + tail)
        #expect(try Tailor(network).cut().cut == "flatten")
        let vector = ModelGraph(architecture: "dense", layers: [Layer("flatten", .flatten, inputs: ["input"])])
        #expect(try Tailor(vector).cut().cut == "flatten")
    }

    @Test("A layer can be named by itself, by its module and by its number")
    func names() throws {
        let byName = try tailor.cut(after: "layer3.0.relu_1")
        #expect(try tailor.cut(after: "layer3") == byName)
        #expect(try tailor.cut(after: "layer3.0") == byName)
        let index = try tailor.layers(height: 64, width: 64).first { $0.name == byName.cut }?.index ?? 0
        #expect(try tailor.cut(after: "\(index)") == byName)
        #expect(try tailor.cut(after: "fc").graph.outputName == "fc")
        for wrong in ["layer5", "layer", "9999", "-1", ""] {
            #expect(throws: InputError.self) { try tailor.cut(after: wrong) }
        }
        let error = #expect(throws: InputError.self) { try tailor.cut(after: "avgpol") }
        #expect(error?.fact.contains("avgpool") == true)
    }

    @Test("A feature map is pooled: by the mean where nothing is said")
    func pooling() throws {
        let mean = try tailor.cut(after: "layer4")
        #expect(mean.pool == .avg && mean.isPoolDefault)
        #expect(mean.graph.layers.suffix(2).map(\.operation) == [.globalPool(.average), .flatten])
        #expect(mean.graph.layers.suffix(2).map(\.name) == ["pool", "flatten"])
        let gem = try tailor.cut(after: "layer4", pool: .gem)
        #expect(gem.pool == .gem && !gem.isPoolDefault)
        #expect(
            gem.graph.layers.dropLast().last?.operation == .globalPool(.generalizedMean(exponent: 3, epsilon: 1e-6)))
        let largest = try tailor.cut(after: "layer2.0.conv2", pool: .max)
        #expect(try largest.graph.shapes(height: 64, width: 64)[largest.graph.outputName] == .vector(6))
    }

    @Test("A map of one value a channel needs no pooling, only flattening; a vector needs neither")
    func nothingToPool() throws {
        let pooled = try tailor.cut(after: "avgpool")
        #expect(pooled.pool == nil && pooled.graph.layers.last?.operation == .flatten)
        #expect(pooled.graph.structureFingerprint == (try tailor.cut().graph.structureFingerprint))
        for cut in [nil, "flatten", "avgpool", "fc"] {
            let error = #expect(throws: InputError.self) { try tailor.cut(after: cut, pool: .gem) }
            #expect(error?.remedy.contains("layer4.0.relu_1") == true, "\(error?.description ?? "")")
        }
    }

    @Test("Only what the cut needs stays")
    func ancestors() throws {
        let inside = try tailor.cut(after: "layer2.0.downsample.1")
        let names = inside.graph.layers.map(\.name)
        #expect(!names.contains("layer2.0.conv1") && names.contains("layer1.0.add"))
        let frozen = try tailor.layers(height: 64, width: 64, cut: "layer2.0.downsample.1").filter(\.isFrozen)
        #expect(frozen.map(\.name) + ["pool", "flatten"] == names)
    }

    @Test("Layers that are appended get names that are free")
    func freeNames() throws {
        let layers = [
            Layer("pool", .activation(.relu), inputs: ["input"]), Layer("pool_1", .activation(.relu), inputs: ["pool"]),
        ]
        let cut = try Tailor(ModelGraph(architecture: "two", layers: layers)).cut()
        #expect(cut.graph.layers.map(\.name) == ["pool", "pool_1", "pool_2", "flatten"])
    }

    @Test("Several cuts in one network give what each gives alone, one after the other, and share what they share")
    func severalCuts() throws {
        var generator = SeededGenerator(seed: 5)
        let graph = SmallNetworks.basic.blueprint.graph { requirement in
            let count = requirement.shape.reduce(1, *)
            let low: Float = requirement.name.hasSuffix("running_var") ? 0.5 : -0.5
            return DenseTensor(shape: requirement.shape, elements: (0..<count).map { _ in generator.uniform(low, 1) })
        }
        let tailor = Tailor(graph)
        let (models, all) = try tailor.cuts(after: ["layer2", "fc", "layer4", "avgpool"], pool: .max)
        #expect(models.map(\.cut) == ["layer2.0.relu_1", "fc", "layer4.0.relu_1", "avgpool"])
        #expect(models.map(\.pool) == [.max, nil, .max, nil])
        let picture = (0..<3 * 64 * 64).map { _ in generator.uniform(-1, 1) }
        let together = try ReferenceNetwork(graph: all, height: 64, width: 64).results(for: picture)[all.outputName]
        let alone = try models.flatMap { model in
            let results = try ReferenceNetwork(graph: model.graph, height: 64, width: 64).results(for: picture)
            return results[model.graph.outputName] ?? []
        }
        #expect(together == alone && alone.count > 10)
        let shared = all.layers.count { graph.layers.map(\.name).contains($0.name) }
        #expect(shared == graph.layers.count, "each layer of the network once, up to the last cut")
    }

    @Test("Several cuts at one layer are refused, and pooling where none has a map")
    func severalCutsRefused() {
        let twice = #expect(throws: InputError.self) { try tailor.cuts(after: ["layer2", "layer2.0.relu_1"]) }
        #expect(twice?.fact.contains("is given already") == true)
        #expect(throws: InputError.self) { try tailor.cuts(after: ["flatten", "fc"], pool: .gem) }
        #expect(throws: InputError.self) { try tailor.cuts(after: ["layer2", "layer9"]) }
    }

    @Test("Softmax and biases behind the classifier do not count")
    func dressedClassifier() throws {
        let weight = DenseTensor(shape: [2, 10], elements: [Float](repeating: 0, count: 20))
        let tail = [
            Layer("matrix", .linear(Linear(weight: weight)), inputs: ["flatten"]),
            Layer("bias", .batchNormalization(.affine(scale: [1, 1], shift: [3, 4])), inputs: ["matrix"]),
            Layer("scores", .softmax, inputs: ["bias"]),
        ]
        let graph = try tailor.cut().graph
        let whole = ModelGraph(architecture: "test", layers: graph.layers + tail)
        #expect(try Tailor(whole).cut().cut == "flatten")
    }
}
