import Foundation
import Tensors
import Testing

@testable import FeatureStorage

@Suite("Tools/python") struct PythonReaderTests {
    /// A Python with numpy and lz4: the one that FINETUNER_CACHE_PYTHON names, or python3 in PATH.
    private static let python: String? = [
        ProcessInfo.processInfo.environment["FINETUNER_CACHE_PYTHON"], Shell.path(of: "python3"),
    ].compactMap { $0 }.first { (try? Shell.run($0, ["-c", "import numpy, lz4.block"]).status) == 0 }

    private static let missing: Comment =
        "needs a Python with numpy and lz4: python3 in PATH or the one that FINETUNER_CACHE_PYTHON names"

    private static let folder = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("Tools/python").path

    /// Runs `python -m finetuner_cache` with the arguments.
    private func run(_ arguments: [String]) throws -> (text: String, status: Int32) {
        let program =
            "import runpy, sys; sys.path.insert(0, sys.argv.pop(1)); "
            + "runpy.run_module('finetuner_cache', run_name='__main__', alter_sys=True)"
        return try Shell.run(try #require(Self.python), ["-c", program, Self.folder] + arguments)
    }

    private static let hasPytest = python.map { (try? Shell.run($0, ["-c", "import pytest"]).status) == 0 } ?? false

    @Test("passes its own tests", .enabled(if: hasPytest, "needs a Python with numpy, lz4 and pytest"))
    func ownTests() throws {
        let result = try Shell.run(
            try #require(Self.python),
            ["-m", "pytest", "-q", "-p", "no:cacheprovider", "--rootdir", Self.folder, Self.folder + "/tests"])
        #expect(result.status == 0, "\(result.text)")
    }

    /// Rows that make chunks of every codec the smallest: repeated, noise, zeros, few values, noise between zeros.
    private static func rows(_ count: Int, dimension: Int) -> [[Float]] {
        var generator = SeededGenerator(seed: 8)
        return (0..<count).map { row in
            (0..<dimension).map { column in
                switch row / 32 % 5 {
                case 0: Float(column % 7) / 8
                case 1: generator.uniform(-9, 9)
                case 2: 0
                case 3: generator.uniform() < 0.5 ? 0 : Float(Int(generator.uniform(1, 9))) / 4
                default: generator.uniform() < 0.7 ? 0 : generator.uniform(0, 3)
                }
            }
        }
    }

    private static func space(_ type: RowType, dimension: Int) -> FeatureSpace {
        FeatureSpace(name: "toy", fields: ["model": "toy"], dimension: dimension, rowType: type)
    }

    @Test(
        "reads the same pictures and features of every row type", .enabled(if: python != nil, missing),
        arguments: RowType.allCases)
    func sameFeatures(type: RowType) throws {
        let folder = try ScratchFolder()
        let space = Self.space(type, dimension: 200)
        var writer = try FeatureStoreWriter(
            path: folder.store, space: space, otherSpaces: .add,
            limits: FeatureStoreWriter.Limits(chunkRows: 32, segmentBytes: 40_000))
        for (number, row) in Self.rows(330, dimension: 200).enumerated() {
            let path = number % 3 == 0 ? "/p/ü \(number).jpg" : "/p/\(number % 4)/\(number).jpg"
            try writer.append(feature: row[...], of: Sample.picture(number, path: path, label: "naïve"))
        }
        try writer.record(Sample.picture(3, path: "/p/twin.jpg", label: nil))
        try writer.remove(paths: ["/p/1/5.jpg"])
        try writer.recordFailure(Sample.failure(7))
        try writer.finish()
        try FeatureStoreWriter(small: folder.store, Sample.space("232")).finish()

        let (array, list) = (folder.path + "/f.npy", folder.path + "/list.txt")
        let prefix = space.fingerprint.short
        let output = try run([folder.store, "--space", prefix, "-o", array, "--list", list, "--verify"])
        #expect(output.status == 0, "\(output.text)")

        let store = try FeatureStore(path: folder.store)
        let table = try store.readFeatures(in: space)
        let pictures = try store.pictures(in: space)
        let rows = Dictionary(uniqueKeysWithValues: zip(table.contents, table.contents.indices))
        let expected = table.features.rows(at: try pictures.map { try #require(rows[$0.content]) })
        let decoded = try NumPyFile.decode(Data(contentsOf: URL(fileURLWithPath: array)))
        #expect(decoded.shape == [330, 200])
        #expect(decoded.elements == expected.elements)
        let lines = String(decoding: try folder.bytes(list), as: UTF8.self)
        #expect(lines == pictures.map { "\($0.path)\t\($0.label ?? "")\n" }.joined())
    }

    @Test("says what is wrong and exits with an error", .enabled(if: python != nil, missing))
    func errors() throws {
        let folder = try ScratchFolder()
        let none = try run([folder.store, "-o", folder.path + "/f.npy"])
        #expect(none.status == 1)
        #expect(none.text.contains("is not a feature store"))
        var writer = try FeatureStoreWriter(small: folder.store)
        try writer.append(samples: 0..<4)
        try writer.finish()
        let choice = try run([folder.store, "--space", "nothing", "-o", folder.path + "/f.npy"])
        #expect(choice.text.contains(Sample.space().fingerprint.short))
        var bytes = try folder.bytes(folder.segment())
        let chunk = try #require(
            stride(from: 0, to: bytes.count, by: 64).filter { bytes[$0...].starts(with: BlockHeader.magic) }.last)
        bytes[chunk + 12] = 200
        try folder.write(bytes, to: folder.segment())
        let damaged = try run([folder.store, "-o", folder.path + "/f.npy"])
        #expect(damaged.status == 1)
        #expect(damaged.text.contains("000001.seg"))
    }
}
