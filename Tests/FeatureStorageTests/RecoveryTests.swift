import Foundation
import GRDB
import Tensors
import Testing

@testable import FeatureStorage

@Suite("Recovery") struct RecoveryTests {
    /// A store with two spaces, several segments, and every kind of listing change.
    private func busy() throws -> ScratchFolder {
        let folder = try ScratchFolder()
        var writer = try FeatureStoreWriter(small: folder.store, segmentBytes: 2500)
        try writer.append(samples: 0..<18)
        try writer.remove(paths: ["/p/3.jpg"])
        try writer.recordFailure(Sample.failure(50))
        try writer.record(Sample.picture(4, path: "/p/twin.jpg", label: nil))
        try writer.finish()
        var other = try FeatureStoreWriter(small: folder.store, Sample.space("232"), segmentBytes: 2500)
        try other.append(samples: 5..<25)
        try other.record(Sample.picture(5, label: "dog", root: "/p"))
        try other.recordFailure(Sample.failure(51, root: "/q"))
        try other.finish()
        var again = try FeatureStoreWriter(small: folder.store, segmentBytes: 2500)
        try again.append(samples: 30..<33)
        try again.remove(paths: ["/q/51.jpg"])
        try again.record(Sample.picture(6, label: "bird"))
        try again.finish()
        return folder
    }

    @Test("makes a lost index again from the segments, the same in all that it says")
    func rebuilt() throws {
        let folder = try busy()
        let before = try StoreContents(path: folder.store)
        #expect(before.spaces[0].pictures.count > 20)
        try folder.remove(folder.index)
        do {
            let writer = try FeatureStoreWriter(small: folder.store)
            #expect(writer.recovery.indexRebuilt)
            #expect(writer.recovery.chunksAdopted == before.spaces.reduce(0) { $0 + $1.summary.chunks } + 1)
            #expect(writer.recovery.tornBytes == 0)
            #expect(writer.committedRows == before.spaces[0].summary.rows)
        }
        #expect(try StoreContents(path: folder.store) == before)
        #expect(try FeatureStoreWriter(small: folder.store).recovery.isEmpty)
    }

    @Test("brings an index from an older copy up to date")
    func olderIndex() throws {
        let folder = try ScratchFolder()
        var writer = try FeatureStoreWriter(small: folder.store, segmentBytes: 2500)
        try writer.append(samples: 0..<8)
        try writer.finish()
        let index = try folder.bytes(folder.index)
        var later = try FeatureStoreWriter(small: folder.store, segmentBytes: 2500)
        try later.append(samples: 8..<30)
        try later.remove(paths: ["/p/1.jpg"])
        try later.finish()
        let before = try StoreContents(path: folder.store)
        try folder.write(index, to: folder.index)
        let recovery = try FeatureStoreWriter(small: folder.store).recovery
        #expect(!recovery.indexRebuilt)
        #expect(recovery.picturesAdopted == 22)
        #expect(recovery.segments.count > 1)
        #expect(try StoreContents(path: folder.store) == before)
    }

    @Test("replays a segment that comes back in its turn")
    func segmentBack() throws {
        let folder = try busy()
        let before = try StoreContents(path: folder.store)
        let bytes = try folder.bytes(folder.segment(1))
        try folder.remove(folder.segment(1))
        let missing = #expect(throws: InputError.self) { _ = try FeatureStoreWriter(small: folder.store) }
        #expect(missing?.object == folder.segment(1))
        try folder.remove(folder.index)
        let without = try FeatureStoreWriter(small: folder.store).committedRows
        #expect(without < before.spaces[0].summary.rows)
        try folder.write(bytes, to: folder.segment(1))
        let recovery = try FeatureStoreWriter(small: folder.store).recovery
        #expect(recovery.indexRebuilt)
        #expect(recovery.tornBytes == 0)
        let after = try StoreContents(path: folder.store)
        #expect(after.spaces[0] == before.spaces[0])
        #expect(after.labels == before.labels)
    }

    @Test("of a segment cut at every byte of its last block gives the commit before, or all of it")
    func tornTail() throws {
        let folder = try ScratchFolder()
        var writer = try FeatureStoreWriter(small: folder.store)
        try writer.append(samples: 0..<8)
        try writer.commit()
        let (previous, index) = (try StoreContents(path: folder.store), try folder.bytes(folder.index))
        try writer.append(samples: 8..<12)
        try writer.finish()
        let (last, bytes) = (try StoreContents(path: folder.store), try folder.bytes(folder.segment()))
        for length in previous.segmentBytes...bytes.count {
            try folder.write(bytes[..<length], to: folder.segment())
            try folder.write(index, to: folder.index)
            let recovery = try FeatureStoreWriter(small: folder.store).recovery
            let isWhole = length == bytes.count
            #expect(recovery.chunksAdopted == (isWhole ? 1 : 0))
            #expect(recovery.tornBytes == (isWhole ? 0 : length - previous.segmentBytes))
            #expect(try StoreContents(path: folder.store) == (isWhole ? last : previous))
            #expect(try folder.bytes(folder.segment()).count == (isWhole ? last : previous).segmentBytes)
        }
    }

    @Test("lets the next commit go where the unfinished one was cut off")
    func afterCut() throws {
        let folder = try ScratchFolder()
        var writer = try FeatureStoreWriter(small: folder.store)
        try writer.append(samples: 0..<4)
        try writer.finish()
        let bytes = try folder.bytes(folder.segment())
        try folder.write(bytes + [UInt8](repeating: 7, count: 5000), to: folder.segment())
        var next = try FeatureStoreWriter(small: folder.store)
        #expect(next.recovery.tornBytes == 5000)
        try next.append(samples: 4..<8)
        try next.finish()
        try folder.remove(folder.index)
        let recovery = try FeatureStoreWriter(small: folder.store).recovery
        #expect((recovery.chunksAdopted, recovery.tornBytes) == (2, 0))
        let table = try FeatureStore(path: folder.store).readFeatures(in: Sample.space())
        #expect(table.contents == (0..<8).map(Sample.content))
    }

    @Test("of any prefix of a segment without its index gives the rows of its whole chunks, or says what is wrong")
    func prefixes() throws {
        let folder = try ScratchFolder()
        var writer = try FeatureStoreWriter(small: folder.store)
        try writer.append(samples: 0..<12)
        try writer.finish()
        let bytes = try folder.bytes(folder.segment())
        var counts: Set<Int> = []
        for length in stride(from: 0, through: bytes.count, by: 13) {
            try folder.write(bytes[..<length], to: folder.segment())
            try folder.remove(folder.index)
            let recovery = try FeatureStoreWriter(small: folder.store).recovery
            #expect(recovery.indexRebuilt == (length > 128 && recovery.segments.allSatisfy { $0.tornBytes < length }))
            let table = try FeatureStore(path: folder.store).readFeatures(in: Sample.space())
            #expect(table.contents == (0..<table.contents.count).map(Sample.content))
            counts.insert(table.contents.count)
            try FileManager.default.removeItem(atPath: StoreLayout(path: folder.store).segmentsFolder)
            try FileManager.default.createDirectory(
                atPath: StoreLayout(path: folder.store).segmentsFolder, withIntermediateDirectories: true)
        }
        #expect(counts == [0, 4, 8])
    }

    @Test("refuses a segment shorter than what was committed")
    func tooShort() throws {
        let folder = try busy()
        let bytes = try folder.bytes(folder.segment(2))
        try folder.write(bytes.dropLast(64), to: folder.segment(2))
        let error = #expect(throws: InputError.self) { _ = try FeatureStoreWriter(small: folder.store) }
        #expect(error?.object == folder.segment(2))
        #expect(error?.fact.contains("damaged") == true)
    }

    @Test(
        "without an index keeps what is whole around a damaged chunk, says where it is, and has the rest computed again"
    )
    func damagedChunk() throws {
        let folder = try ScratchFolder()
        var writer = try FeatureStoreWriter(small: folder.store)
        try writer.append(samples: 0..<12)
        try writer.finish()
        let before = try StoreContents(path: folder.store)
        var bytes = try folder.bytes(folder.segment())
        let second = try #require(
            stride(from: 0, to: bytes.count, by: 64).filter { bytes[$0...].starts(with: BlockHeader.magic) }.dropFirst(
                2
            )
            .first)
        bytes[second + 300] ^= 1
        try folder.write(bytes, to: folder.segment())
        try folder.remove(folder.index)
        var again = try FeatureStoreWriter(small: folder.store)
        #expect(again.recovery.segments.first?.damagedRanges.first?.lowerBound == second)
        let lost = (0..<12).filter { !again.contains(Sample.content($0)) }
        #expect(lost == [4, 5, 6, 7])
        try again.append(samples: lost)
        try again.finish()
        let after = try StoreContents(path: folder.store)
        #expect(after.spaces[0].pictures == before.spaces[0].pictures)
        #expect(Set(after.spaces[0].features.contents) == Set(before.spaces[0].features.contents))
        #expect(try folder.bytes(folder.segment())[..<bytes.count].elementsEqual(bytes))
    }

    @Test("reads a content that two chunks have once")
    func twice() throws {
        let folder = try ScratchFolder()
        var writer = try FeatureStoreWriter(small: folder.store)
        try writer.append(samples: 0..<6)
        try writer.finish()
        let other = try ScratchFolder()
        var twin = try FeatureStoreWriter(small: other.store)
        try twin.append(samples: 3..<9)
        try twin.finish()
        try folder.write(try other.bytes(other.segment()), to: folder.segment(2))
        #expect(try FeatureStoreWriter(small: folder.store).recovery.indexRebuilt)
        let store = try FeatureStore(path: folder.store)
        let table = try store.readFeatures(in: Sample.space())
        #expect(Set(table.contents) == Set((0..<9).map(Sample.content)))
        #expect(table.contents.count == 9)
        for (row, content) in table.contents.enumerated() {
            let number = (0..<9).first { Sample.content($0) == content }
            #expect(Array(table.features.row(row)) == Sample.feature(try #require(number)))
        }
        #expect(try store.spaces()[0].rows == 9)
    }

    @Test("refuses a segment that is there twice")
    func copied() throws {
        let folder = try busy()
        try folder.write(try folder.bytes(folder.segment(1)), to: folder.segment(90))
        let error = #expect(throws: InputError.self) { _ = try FeatureStoreWriter(small: folder.store) }
        #expect(error?.object == folder.segment(90))
    }
}
