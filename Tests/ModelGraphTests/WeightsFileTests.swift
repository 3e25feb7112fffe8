import Foundation
import GoldenData
import Tensors
import Testing

@testable import ModelGraph

@Suite("WeightsFile")
struct WeightsFileTests {
    private static let tensors = [
        "conv1.weight": DenseTensor(shape: [2, 1, 1, 2], elements: [1, -2, 3, 4]),
        "fc.bias": DenseTensor(shape: [3], elements: [0.5, 0.25, -1]),
        "scale": DenseTensor(shape: [], elements: [7]),
    ]

    /// The same tensors in every form.
    private static func forms() throws -> [(format: WeightsFile.Format, bytes: [UInt8])] {
        [
            (.safetensors, Array(try SafetensorsFile.encode(tensors))),
            (.torch, CheckpointWriter.stateDictionary(tensors, isLegacy: false)),
            (.legacyTorch, CheckpointWriter.stateDictionary(tensors, isLegacy: true)),
        ]
    }

    @Test("Every form gives the same tensors, and is known by its content")
    func forms() throws {
        for (format, bytes) in try Self.forms() {
            try withFile(bytes) { path in
                let file = try WeightsFile(path: path)
                #expect(file.format == format)
                #expect(file.names == ["conv1.weight", "fc.bias", "scale"])
                for (name, tensor) in Self.tensors {
                    #expect(file.shape(of: name) == tensor.shape)
                    #expect(try file.tensor(named: name) == tensor)
                }
                #expect(file.shape(of: "other") == nil)
                let error = #expect(throws: InputError.self) { try file.tensor(named: "other") }
                #expect(error?.object == "\(path): tensor 'other'")
            }
        }
    }

    @Test(
        "The dictionary around the weights is undone, and so are prefixes that all names have",
        arguments: ["state_dict", "model_state_dict", "model", "net", "state_dict_ema"],
        ["", "module.", "module.encoder.", "_orig_mod.backbone."])
    func wrappers(_ wrapper: String, _ prefix: String) throws {
        for isLegacy in [false, true] {
            let bytes = CheckpointWriter.stateDictionary(
                Self.tensors, prefix: prefix, wrapper: wrapper, isLegacy: isLegacy)
            try withFile(bytes) { path in
                let file = try WeightsFile(path: path)
                #expect(file.names == ["conv1.weight", "fc.bias", "scale"])
                #expect(try file.tensor(named: "fc.bias") == Self.tensors["fc.bias"])
            }
        }
    }

    @Test("A prefix that one name lacks stays")
    func mixedPrefix() throws {
        var mixed = Dictionary(uniqueKeysWithValues: Self.tensors.map { ("encoder." + $0.key, $0.value) })
        mixed["head.weight"] = DenseTensor(shape: [1], elements: [1])
        try withFile(Array(try SafetensorsFile.encode(mixed))) { path in
            let file = try WeightsFile(path: path)
            #expect(file.names.contains("encoder.scale"))
        }
    }

    @Test("Optimizer states, counters, parameters and metadata beside the weights are passed over")
    func otherContent() throws {
        let pickle = PickleWriter.pickle { writer in
            writer.dictionary { writer in
                writer.string("optimizer")
                writer.dictionary { writer in
                    writer.string("state")
                    writer.dictionary { writer in
                        writer.integer(0)
                        writer.tensor(StoredTensor(key: "1", shape: [2]), isLegacy: false)
                    }
                }
                writer.string("best_acc")
                writer.tensor(StoredTensor(key: "1", shape: [2]), isLegacy: false)
                writer.string("milestones")
                writer.raw("ccollections\nCounter\n}\u{85}R".unicodeScalars.map { UInt8($0.value) })
                writer.string("device")
                writer.raw("ctorch\ndevice\nX\u{03}\u{00}\u{00}\u{00}cpu\u{85}R".unicodeScalars.map { UInt8($0.value) })
                writer.string("state_dict")
                writer.dictionary(isOrdered: true) { writer in
                    writer.string("weight")
                    writer.global("torch._utils", "_rebuild_parameter")
                    writer.tuple { writer in
                        writer.tensor(StoredTensor(key: "0", shape: [2]), isLegacy: false)
                        writer.bool(true)
                        writer.raw("ccollections\nOrderedDict\n)R")
                    }
                    writer.raw("R")
                }
                writer.raw("}")  // the _metadata that torch keeps as an attribute
                writer.string("_metadata")
                writer.raw("}sb")
            }
        }
        let storages: [(key: String, bytes: [UInt8])] = [("0", littleEndian([1, 2])), ("1", littleEndian([3, 4]))]
        try withFile(CheckpointWriter.zip(pickle: pickle, storages: storages)) { path in
            let file = try WeightsFile(path: path)
            #expect(file.names == ["weight"])
            #expect(try file.tensor(named: "weight").elements == [1, 2])
        }
    }

    @Test("Files of other kinds are refused with the kinds that can be read")
    func unknownKinds() throws {
        let others: [[UInt8]] = [
            [], [1], Array("version https://git-lfs.github.com/spec/v1\n".utf8), [0x80, 2, 0x4E, 0x2E],
            [UInt8](repeating: 0xFF, count: 100), Array("<html>".utf8),
        ]
        for bytes in others {
            let error = #expect(throws: InputError.self) { try withFile(bytes) { try WeightsFile(path: $0) } }
            #expect(error?.remedy.contains("safetensors") == true)
        }
        #expect(throws: InputError.self) { try WeightsFile(path: "/does/not/exist") }
        #expect(throws: InputError.self) { try WeightsFile(path: FileManager.default.temporaryDirectory.path) }
    }

    @Test("ZIP files that are no checkpoints, TorchScript, other byte orders and short storages are refused")
    func wrongArchives() throws {
        let pickle = PickleWriter.pickle { writer in
            writer.dictionary { writer in
                writer.string("a")
                writer.tensor(StoredTensor(key: "0", shape: [2]), isLegacy: false)
            }
        }
        let archives: [([UInt8], String)] = [
            (CheckpointWriter.storedZip([("a.txt", [1])]), "without data.pkl"),
            (CheckpointWriter.storedZip([("n/data.pkl", pickle), ("n/constants.pkl", [])]), "TorchScript"),
            (CheckpointWriter.zip(pickle: pickle, storages: [("0", littleEndian([1, 2]))], byteOrder: "big"), "big"),
            (CheckpointWriter.zip(pickle: pickle, storages: [("0", littleEndian([1]))]), "8 bytes"),
            (CheckpointWriter.zip(pickle: pickle, storages: []), "found 0"),
            (CheckpointWriter.zip(pickle: PickleWriter.pickle { $0.raw("}") }, storages: []), "no tensors"),
            (CheckpointWriter.zip(pickle: PickleWriter.pickle { $0.raw("]") }, storages: []), "not a dictionary"),
            (CheckpointWriter.legacy(pickle: pickle, storages: [("0", 2, littleEndian([1]))]), "needs 8 bytes"),
            (CheckpointWriter.legacy(pickle: pickle, storages: [("0", .max, [])]), "needs"),
            (CheckpointWriter.legacy(pickle: pickle, storages: []), "found 0"),
            (CheckpointWriter.legacy(pickle: pickle, storages: [("9", 0, [])]), "belongs to no tensor"),
            (
                CheckpointWriter.legacy(
                    pickle: pickle, storages: [("0", 2, littleEndian([1, 2]))], isLittleEndian: false),
                "big-endian"
            ),
        ]
        for (bytes, part) in archives {
            let error = #expect(throws: InputError.self) { try withFile(bytes) { try WeightsFile(path: $0) } }
            #expect(error?.description.contains(part) == true, "\(error?.description ?? "") should say \(part)")
        }
    }

    @Test("Cut off files are refused, damaged ones read or refused")
    func damaged() throws {
        var generator = SeededGenerator(seed: 3)
        for (_, bytes) in try Self.forms() {
            for length in stride(from: 0, to: bytes.count, by: 3) {
                #expect(throws: InputError.self, "\(length) of \(bytes.count)") { try readAll(Array(bytes[..<length])) }
            }
            for _ in 0..<400 {
                var copy = bytes
                copy[generator.index(below: copy.count)] ^= 1 << UInt8(generator.index(below: 8))
                do { try readAll(copy) } catch { #expect(error is InputError) }
            }
        }
    }

    @Test(
        "A checkpoint from the wild is read, and its network refused as unknown",
        .enabled(if: GoldenData.isPresent, Comment(rawValue: GoldenData.missing)))
    func checkpointFromTheWild() throws {
        let file = try WeightsFile(path: try GoldenData.dataPath("cifar10/resnet20-12fca82f.th"))
        #expect(file.format == .legacyTorch)
        #expect(file.names.first == "conv1.weight" && file.shape(of: "linear.weight") == [10, 64])
        let mean = try file.tensor(named: "conv1.weight").elements.map(abs).reduce(0, +)
        #expect(mean.isFinite && mean > 1)
        let error = #expect(throws: InputError.self) { try ModelGraph(weights: file) }
        #expect(error?.fact.contains("conv1.weight [16, 3, 3, 3]") == true, "\(error?.description ?? "")")
    }

    private func readAll(_ bytes: [UInt8]) throws {
        try withFile(bytes) { path in
            let file = try WeightsFile(path: path)
            for name in file.names { _ = try file.tensor(named: name) }
        }
    }
}
