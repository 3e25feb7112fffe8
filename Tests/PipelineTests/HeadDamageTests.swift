import FeatureStorage
import Foundation
import Tensors
import Testing

@testable import Pipeline

@Suite("Damaged heads") struct HeadDamageTests {
    private static let count = ProcessInfo.processInfo.environment["FINETUNER_CACHE_LONG_TESTS"] == "1" ? 2000 : 200

    /// A store with one head called "mine".
    private func trained() throws -> (sample: SampleStore, library: HeadLibrary, folder: String) {
        let sample = try SampleStore()
        var settings = HeadTrainer.Settings(outputDimension: 4)
        (settings.epochs, settings.batchSize, settings.seed) = (2, 16, 3)
        let store = try sample.open()
        let result = try HeadTrainer(settings).train(FeatureDataset(store: store, space: sample.space)) { _ in }
        let library = HeadLibrary(store: store)
        let record = try library.save(result, name: "mine", space: sample.space, settings: settings)
        #expect(record.checksum != nil && record.checksum == record.expectedChecksum)
        return (sample, library, store.headsFolder + "/mine")
    }

    /// Calls `body` with the file at `path` with one bit flipped, again and again, then puts it back.
    private func flipping(_ path: String, _ body: (Comment) throws -> Void) throws {
        let whole = try Data(contentsOf: URL(fileURLWithPath: path))
        var generator = SeededGenerator(seed: 41)
        for _ in 0..<Self.count {
            let (byte, bit) = (generator.index(below: whole.count), generator.index(below: 8))
            var bytes = whole
            bytes[byte] ^= 1 << bit
            try bytes.write(to: URL(fileURLWithPath: path))
            try body("bit \(bit) of byte \(byte)")
        }
        try whole.write(to: URL(fileURLWithPath: path))
    }

    @Test("A flipped bit of a head's weights is found by all who look at it")
    func weights() throws {
        let (sample, library, folder) = try trained()
        defer { sample.folder.clean() }
        let path = folder + "/head.safetensors"
        try flipping(path) { flip in
            let error = #expect(throws: InputError.self, flip) { try library.load("mine", for: sample.space) }
            #expect(error?.object == path, flip)
            #expect(library.damaged().map(\.object) == [path], flip)
        }
        #expect(library.damaged().isEmpty)
        #expect(try library.load("mine", for: sample.space).name == "mine")
    }

    @Test("A flipped bit of a head's record is found, or the record says the same")
    func record() throws {
        let (sample, library, folder) = try trained()
        defer { sample.folder.clean() }
        let path = folder + "/run.json"
        let whole = try CanonicalJSON.encode(library.records()[0])
        var effective = 0
        try flipping(path) { flip in
            if let records = try? library.records() {
                try #expect(records.map { try CanonicalJSON.encode($0) } == [whole], flip)
                #expect(library.damaged().isEmpty, flip)
                #expect(throws: Never.self, flip) { try library.load("mine", for: sample.space) }
                return
            }
            effective += 1
            let error = #expect(throws: InputError.self, flip) { try library.records() }
            #expect(error?.object == path, flip)
            #expect(library.damaged().map(\.object) == [path], flip)
            #expect(throws: InputError.self, flip) { try library.load("mine", for: sample.space) }
        }
        #expect(effective > Self.count / 2)
        #expect(library.damaged().isEmpty)
    }

    @Test("A head without weights, without a record, and one that is only being written are told apart")
    func parts() throws {
        let (sample, library, folder) = try trained()
        defer { sample.folder.clean() }
        let files = FileManager.default
        try files.copyItem(atPath: folder, toPath: folder + "/../.other.new")
        #expect(library.damaged().isEmpty)
        try files.removeItem(atPath: folder + "/head.safetensors")
        #expect(library.damaged().map(\.object) == [folder + "/head.safetensors"])
        try files.removeItem(atPath: folder + "/run.json")
        #expect(library.damaged().map(\.object) == [folder])
    }
}
