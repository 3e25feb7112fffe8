import Foundation
import Tensors
import Testing

@testable import MetricLearning

@Suite("A head's file")
struct HeadFileTests {
    private func trainedHead(layers: Int = 3) throws -> ProjectionHead {
        var state = TrainingState(
            head: ProjectionHead(inputDimension: 5, outputDimension: 3, layerCount: layers, seed: 1),
            loss: TripletMarginLoss())
        for step in 0..<3 {
            _ = try state.step(features: .random(6, 5, seed: UInt64(step)), labels: [0, 0, 1, 1, 2, 2])
        }
        return state.head
    }

    /// Reads `data` back through a file.
    private func decoded(_ data: Data) throws -> HeadFile {
        let url = FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID().uuidString).safetensors")
        defer { try? FileManager.default.removeItem(at: url) }
        try data.write(to: url)
        return try HeadFile(path: url.path)
    }

    private func tensors(of head: ProjectionHead) throws -> [String: DenseTensor] {
        let url = FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID().uuidString).safetensors")
        defer { try? FileManager.default.removeItem(at: url) }
        try HeadFile(head: head).encoded().write(to: url)
        let file = try SafetensorsFile(path: url.path)
        return Dictionary(
            uniqueKeysWithValues: file.entries.keys.compactMap { name in file.tensor(name).map { (name, $0) } })
    }

    @Test("gives the same head and metadata back", arguments: [1, 2, 3, 5])
    func roundTrip(layers: Int) throws {
        let head = try trainedHead(layers: layers)
        let file = try decoded(try HeadFile(head: head, metadata: ["name": "birds"]).encoded())
        #expect(file.head == head)
        #expect(file.head.batchesTracked == 3)
        #expect(file.metadata == ["name": "birds"])
    }

    @Test("gives every form of head back, behind a shortcut and alone", arguments: HeadForms.all)
    func forms(form: HeadArchitecture) throws {
        for shortcut in [nil, HeadForms.shortcut] {
            let head = HeadForms.head(form, shortcut: shortcut)
            let read = try decoded(try HeadFile(head: head).encoded()).head
            let features = Matrix.random(5, 6, seed: 1)
            #expect(read.embeddings(of: features) == head.embeddings(of: features))
            #expect(read.parameters == head.parameters && read.shortcut == head.shortcut)
        }
    }

    @Test("gives heads without layers back")
    func withoutLayers() throws {
        let projection = HeadForms.head(HeadArchitecture(), shortcut: HeadForms.shortcut).withoutLayers
        #expect(try decoded(try HeadFile(head: projection).encoded()).head == projection)
        let passing = ProjectionHead(passingThrough: 7)
        #expect(try decoded(try HeadFile(head: passing).encoded()).head == passing)
        for value in [Float.nan, 0, -1, 1.5, 1e30] {
            let tensor = DenseTensor(shape: [], elements: [value])
            let data = try SafetensorsFile.encode(["pass_through.dimension": tensor])
            #expect(throws: InputError.self) { try decoded(data) }
        }
    }

    @Test("has the same bytes for the same head")
    func sameBytes() throws {
        let head = try trainedHead()
        let metadata = ["b": "2", "a": "1"]
        #expect(
            try HeadFile(head: head, metadata: metadata).encoded() == HeadFile(head: head, metadata: metadata).encoded()
        )
    }

    @Test("has PyTorch's names")
    func names() throws {
        let head = ProjectionHead(inputDimension: 4, outputDimension: 2, layerCount: 2, seed: 1)
        #expect(
            try tensors(of: head).keys.sorted() == [
                "head_layers.0.weight", "head_layers.1.bias", "head_layers.1.num_batches_tracked",
                "head_layers.1.running_mean", "head_layers.1.running_var", "head_layers.1.weight",
                "head_layers.3.weight", "head_layers.4.bias", "head_layers.4.num_batches_tracked",
                "head_layers.4.running_mean", "head_layers.4.running_var", "head_layers.4.weight",
            ])
    }

    @Test("is read without num_batches_tracked")
    func optionalCount() throws {
        let head = ProjectionHead(inputDimension: 4, outputDimension: 2, seed: 1)
        let kept = try tensors(of: head).filter { !$0.key.hasSuffix("num_batches_tracked") }
        #expect(try decoded(try SafetensorsFile.encode(kept)).head == head)
    }

    private func message(_ change: (inout [String: DenseTensor]) -> Void) throws -> String {
        var changed = try tensors(of: ProjectionHead(inputDimension: 4, outputDimension: 2, seed: 1))
        change(&changed)
        let data = try SafetensorsFile.encode(changed)
        let error = #expect(throws: InputError.self) { _ = try decoded(data) }
        return error?.description ?? ""
    }

    @Test("is refused with the names and shapes of what does not fit")
    func refusals() throws {
        func tensor(_ shape: [Int], _ value: Float = 0) -> DenseTensor {
            DenseTensor(shape: shape, elements: [Float](repeating: value, count: shape.reduce(1, *)))
        }
        #expect(try message { $0["head_layers.4.bias"] = nil }.contains("head_layers.4.bias [4] is missing"))
        #expect(
            try message { $0["head_layers.1.weight"] = tensor([3]) }
                .contains("head_layers.1.weight has the shape [3], not [4]"))
        #expect(
            try message { $0["head_layers.3.weight"] = tensor([4, 5]) }
                .contains("head_layers.3.weight has the shape [4, 5], not [4, 4]"))
        #expect(
            try message { $0["head_layers.0.bias"] = tensor([4]) }.contains("head_layers.3.bias [4] is missing"))
        #expect(
            try message { $0["shortcut.projection"] = tensor([2, 3]) }
                .contains("shortcut.mean [4] is missing; shortcut.projection has the shape [2, 3], not [2, 4]"))
        #expect(try message { $0["pass_through.dimension"] = tensor([], 4) }.contains("is not expected"))
        #expect(try message { $0["mean"] = tensor([4]) }.contains("mean is not expected"))
        #expect(try message { $0["head_layers.0.weight"] = nil }.contains("head_layers.0.weight: is missing"))
        #expect(try message { $0["head_layers.3.weight"] = nil }.contains("head_layers.3.weight [4, 4] is missing"))
        #expect(try message { $0["head_layers.6.weight"] = tensor([0, 4]) }.contains("from 4 to 0 dimensions"))
        #expect(try message { $0["head_layers.0.weight"] = tensor([0, 0]) }.contains("from 0 to 2 dimensions"))
        #expect(try message { $0["head_layers.9000.weight"] = tensor([2, 4]) }.contains("9000.weight is not expected"))
        #expect(try message { $0 = [:] }.contains("head_layers.0.weight: is missing"))
        #expect(try message { $0["head_layers.1.running_var"] = tensor([4], -1) }.contains("holds the value -1"))
        #expect(try message { $0["head_layers.1.bias"] = tensor([4], .nan) }.contains("holds the value nan"))
        #expect(
            try message { $0["head_layers.1.num_batches_tracked"] = tensor([], 1e30) }.contains("not a count"))
        #expect(try message { for name in $0.keys { $0[name + "_"] = tensor([1]) } }.contains("; and 15 more"))
    }

    @Test("is refused, never a trap, when cut short anywhere or with flipped bits in its header")
    func hostileBytes() throws {
        let data = try HeadFile(
            head: ProjectionHead(inputDimension: 2, outputDimension: 1, layerCount: 1, seed: 1)
        ).encoded()
        for length in 0..<data.count {
            #expect(throws: InputError.self) { _ = try decoded(data.prefix(length)) }
        }
        var generator = SeededGenerator(seed: 11)
        for _ in 0..<400 {
            var flipped = data
            let place = generator.index(below: data.count)
            flipped[place] ^= 1 << UInt8(generator.index(below: 8))
            do { _ = try decoded(flipped) } catch { #expect(error is InputError) }
        }
    }
}
