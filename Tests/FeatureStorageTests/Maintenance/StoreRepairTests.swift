import Foundation
import GRDB
import Tensors
import Testing

@testable import FeatureStorage

@Suite("Repair") struct StoreRepairTests {
    private func repair(_ folder: ScratchFolder) throws -> StoreRepair.Report {
        try StoreRepair(path: folder.store).run()
    }

    private func expectClean(_ folder: ScratchFolder, sourceLocation: SourceLocation = #_sourceLocation) throws {
        let problems = try StoreVerification(path: folder.store, full: true).run().problems
        #expect(problems.isEmpty, sourceLocation: sourceLocation)
    }

    /// A second repair must find nothing to do and leave every segment as it is.
    private func expectDone(_ folder: ScratchFolder, sourceLocation: SourceLocation = #_sourceLocation) throws {
        let (files, facts) = (try folder.files(), try StoreFacts(path: folder.store))
        let report = try repair(folder)
        #expect(report.isClean && report.changesRecorded == 0, sourceLocation: sourceLocation)
        let segments = files.filter { $0.key.hasPrefix("segments/") }
        try #expect(folder.files().filter { $0.key.hasPrefix("segments/") } == segments, sourceLocation: sourceLocation)
        try #expect(StoreFacts(path: folder.store) == facts, sourceLocation: sourceLocation)
    }

    /// The chunks with features of all segments, in the order of the files.
    private func chunks(_ folder: ScratchFolder) throws -> [(segment: Int, block: BlockHeader)] {
        try StoreLayout(path: folder.store).segmentNumbers().flatMap { number in
            try folder.blocks(number).filter { $0.rows > 0 }.map { (number, $0) }
        }
    }

    private func overwrite(_ folder: ScratchFolder, _ segment: Int, _ range: Range<Int>, with byte: UInt8?) throws {
        var generator = SeededGenerator(seed: UInt64(range.lowerBound))
        var bytes = try folder.bytes(folder.segment(segment))
        for position in range { bytes[position] = byte ?? UInt8(generator.index(below: 256)) }
        try folder.write(bytes, to: folder.segment(segment))
    }

    @Test("makes a missing index again without losing anything")
    func noIndex() throws {
        let folder = try ScratchFolder.used()
        let (facts, contents) = (try StoreFacts(path: folder.store), try StoreContents(path: folder.store))
        try folder.remove(folder.index)
        let report = try repair(folder)
        #expect(report.isClean && !report.indexWasReadable)
        try #expect(StoreFacts(path: folder.store) == facts)
        try #expect(StoreContents(path: folder.store) == contents)
        try expectClean(folder)
        try expectDone(folder)
    }

    @Test("puts a new index in the place of one that cannot be used", arguments: ["garbage", "empty", "old", "torn"])
    func badIndex(kind: String) throws {
        let folder = try ScratchFolder.used()
        let facts = try StoreFacts(path: folder.store)
        switch kind {
        case "garbage": try folder.write((0..<5000).map { UInt8($0 % 251) }, to: folder.index)
        case "empty": try folder.write([], to: folder.index)
        case "torn": try folder.write(try folder.bytes(folder.index).dropLast(3000), to: folder.index)
        default:
            let queue = try DatabaseQueue(path: folder.index)
            try queue.write { try $0.execute(sql: "PRAGMA user_version = 1") }
            try queue.close()
        }
        let broken = try StoreVerification(path: folder.store, full: false).run()
        #expect(broken.problems.first?.file == folder.index)
        let report = try repair(folder)
        #expect(report.isClean && !report.indexWasReadable)
        try #expect(StoreFacts(path: folder.store) == facts)
        try expectDone(folder)
    }

    @Test("of an overwritten chunk loses its rows only, each by name", arguments: [0, nil] as [UInt8?], [true, false])
    func lostChunk(byte: UInt8?, hasIndex: Bool) throws {
        let original = try ScratchFolder.used()
        let (files, facts) = (try original.files(), try StoreFacts(path: original.store))
        for (segment, block) in try chunks(original) {
            let body = try SegmentFile(StoreLayout(path: original.store), number: segment, .read)
                .body(of: block, upTo: block.length)
            let (lost, mentioned) = (Set(try body.contents()), Set(try body.changes().map(\.path)))
            let folder = try ScratchFolder()
            try FileManager.default.createDirectory(
                atPath: folder.store + "/segments", withIntermediateDirectories: true)
            try folder.restore(files)
            if !hasIndex { try folder.remove(folder.index) }
            try overwrite(folder, segment, block.offset..<block.end, with: byte)
            let report = try repair(folder)
            try expectClean(folder)
            let after = try StoreFacts(path: folder.store)
            let missing = after.missing(of: facts)
            // Without the index, what the chunk said of other pictures is lost too.
            #expect(
                missing.allSatisfy { path in
                    facts.pictures[ExactText(path)].map { lost.contains($0.content) } ?? false
                        || (!hasIndex && mentioned.contains(path))
                })
            if hasIndex {
                #expect(Set(report.lostPictures + report.lostPaths) == missing)
                #expect(after.failures == facts.failures)
            } else {
                // Without the index nobody knows that this one never had a feature.
                #expect(Set(report.lostPictures).isSubset(of: missing.union(["/p/60.jpg"])))
                #expect(!report.segments.isEmpty)
            }
            for (space, before) in facts.spaces {
                let kept = before.features.filter { !lost.contains($0.key) }
                #expect(kept.allSatisfy { after.spaces[space]?.features[$0.key] == $0.value })
            }
            try expectDone(folder)
        }
    }

    @Test("of damaged metadata loses neither a feature nor a picture while the old index can be read")
    func metadata() throws {
        let original = try ScratchFolder.used()
        let (files, facts) = (try original.files(), try StoreFacts(path: original.store))
        let folder = try ScratchFolder.used()
        for number in try StoreLayout(path: original.store).segmentNumbers() {
            for block in try original.blocks(number) where block.metadata.stored > 0 {
                try folder.restore(files)
                let start = block.offset + block.metadataOffset
                try overwrite(folder, number, start..<start + block.metadata.stored, with: 0)
                let report = try repair(folder)
                #expect(report.lostPictures.isEmpty && report.lostPaths.isEmpty && !report.isClean)
                try #expect(StoreFacts(path: folder.store) == facts, "segment \(number), byte \(block.offset)")
                try expectClean(folder)
                try expectDone(folder)
            }
        }
    }

    @Test("of damaged metadata keeps every row without an index, too; the next build finds them")
    func metadataWithoutIndex() throws {
        let original = try ScratchFolder.used()
        let (files, facts) = (try original.files(), try StoreFacts(path: original.store))
        let folder = try ScratchFolder.used()
        for (number, block) in try chunks(original) {
            try folder.restore(files)
            try folder.remove(folder.index)
            let start = block.offset + block.metadataOffset
            try overwrite(folder, number, start..<start + block.metadata.stored, with: 0)
            let report = try repair(folder)
            #expect(!report.segments.isEmpty)
            try expectClean(folder)
            try expectDone(folder)
            for (fingerprint, before) in facts.spaces {
                let space = try FeatureStore(path: folder.store).space(matching: fingerprint.hex)
                let table = try FeatureStore(path: folder.store).readFeatures(in: space)
                for (content, feature) in before.features {
                    let row = try #require(table.contents.firstIndex(of: content), "segment \(number)")
                    #expect(Array(table.features.row(row)) == feature)
                }
            }
        }
    }

    @Test("takes away a segment that a stopped repair had begun", arguments: [0, 64, 127])
    func begun(length: Int) throws {
        let folder = try ScratchFolder.used()
        let facts = try StoreFacts(path: folder.store)
        let number = (try StoreLayout(path: folder.store).segmentNumbers().last ?? 0) + 1
        try folder.write(try folder.bytes(folder.segment()).prefix(length), to: folder.segment(number))
        #expect(try repair(folder).segmentsSetAside.isEmpty)
        #expect(!FileManager.default.fileExists(atPath: folder.segment(number)))
        #expect(!FileManager.default.fileExists(atPath: folder.segment(number) + ".damaged"))
        try #expect(StoreFacts(path: folder.store) == facts)
        try expectDone(folder)
    }

    @Test("leaves the files of another store alone that has segments in common", arguments: [true, false])
    func hardLinks(isMetadata: Bool) throws {
        let folder = try ScratchFolder.used()
        let twin = try ScratchFolder()
        try FileManager.default.copyItem(atPath: folder.store, toPath: twin.store)
        for number in try StoreLayout(path: folder.store).segmentNumbers() {
            try twin.remove(twin.segment(number))
            try FileManager.default.linkItem(atPath: folder.segment(number), toPath: twin.segment(number))
            // The footers of sealed segments, the last chunks of open ones.
            let block = try #require(try folder.blocks(number).last)
            let start = block.offset + (isMetadata ? block.metadataOffset : 0)
            // In place, so that both stores see it.
            let handle = try #require(FileHandle(forWritingAtPath: folder.segment(number)))
            try handle.seek(toOffset: UInt64(start))
            try handle.write(contentsOf: [0, 1, 2, 3])
            try handle.close()
        }
        let files = try twin.files()
        _ = try repair(folder)
        try expectClean(folder)
        try #expect(twin.files() == files)
        var writer = try FeatureStoreWriter(small: folder.store)
        try writer.append(samples: 70..<80)
        try writer.finish()
        try #expect(twin.files() == files)
    }

    @Test("of several chunks at a segment's end keeps the features whose metadata alone is damaged")
    func severalAtEnd() throws {
        let folder = try ScratchFolder()
        var writer = try FeatureStoreWriter(small: folder.store)
        try writer.append(samples: 0..<16)
        try writer.finish()
        let facts = try StoreFacts(path: folder.store)
        for (segment, block) in try chunks(folder).suffix(3) {
            let start = block.offset + block.metadataOffset
            try overwrite(folder, segment, start..<start + block.metadata.stored, with: nil)
        }
        #expect(try repair(folder).lostPictures.isEmpty)
        try #expect(StoreFacts(path: folder.store) == facts)
        try expectDone(folder)
    }

    @Test("puts a segment with a damaged header aside and says so", arguments: [0, 8, 9, 20, 60, 126])
    func header(byte: Int) throws {
        let folder = try ScratchFolder.used()
        let facts = try StoreFacts(path: folder.store)
        let damaged = try folder.bytes(folder.segment())[byte] ^ 0xA5
        try overwrite(folder, 1, byte..<byte + 1, with: damaged)
        let report = try repair(folder)
        #expect(report.segmentsSetAside.count == 1 && report.segmentsSetAside[0].hasPrefix("000001.seg"))
        #expect(FileManager.default.fileExists(atPath: folder.segment() + ".damaged"))
        #expect(!FileManager.default.fileExists(atPath: folder.segment()))
        let lost = Set(report.lostPictures + report.lostPaths)
        try #expect(lost == StoreFacts(path: folder.store).missing(of: facts))
        try expectClean(folder)
        try expectDone(folder)
        try folder.build(lost, of: facts)
        try #expect(StoreFacts(path: folder.store) == facts)
    }

    @Test(
        "sets the only segment of a space aside where nothing describes the space any more", arguments: [true, false])
    func undescribed(hasIndex: Bool) throws {
        let folder = try ScratchFolder()
        var writer = try FeatureStoreWriter(small: folder.store)
        try writer.append(samples: 0..<8)
        try writer.finish()
        var other = try FeatureStoreWriter(small: folder.store, Sample.space("96"))
        try other.append(samples: 4..<12)
        try other.finish()
        let facts = try StoreFacts(path: folder.store)
        try overwrite(folder, 1, 300..<310, with: 0)
        if !hasIndex { try folder.remove(folder.index) }
        let report = try repair(folder)
        #expect(report.segmentsSetAside.count == (hasIndex ? 0 : 1))
        let after = try StoreFacts(path: folder.store)
        #expect(hasIndex ? after == facts : after.spaces.count == 1)
        #expect(
            after.spaces[Sample.space("96").fingerprint]?.features
                == facts.spaces[Sample.space("96").fingerprint]?.features)
        try expectClean(folder)
        try expectDone(folder)
    }

    @Test("takes up where a killed one was, and undoes a commit that was left half done first")
    func killed() throws {
        let folder = try ScratchFolder.used()
        let facts = try StoreFacts(path: folder.store)
        try folder.write([1, 2, 3], to: folder.index + ".new")
        try folder.write([UInt8](repeating: 9, count: 2000), to: folder.index + ".new-journal")
        #expect(try repair(folder).isClean)
        try #expect(StoreFacts(path: folder.store) == facts)
        for suffix in [".new", ".new-journal", "-journal"] {
            #expect(!FileManager.default.fileExists(atPath: folder.index + suffix))
        }
        try folder.leaveCommitUnfinished()
        #expect(FileManager.default.fileExists(atPath: folder.index + "-journal"))
        let report = try repair(folder)
        #expect(report.isClean && report.indexWasReadable)
        #expect(!FileManager.default.fileExists(atPath: folder.index + "-journal"))
        try #expect(StoreFacts(path: folder.store) == facts)
        try expectDone(folder)
    }

    @Test("adopts what a killed writer left, and cuts its unfinished block")
    func unfinished() throws {
        let folder = try ScratchFolder()
        var writer = try FeatureStoreWriter(small: folder.store)
        try writer.append(samples: 0..<4)
        try writer.commit()
        let index = try folder.bytes(folder.index)
        try writer.append(samples: 4..<8)
        try writer.remove(paths: ["/p/0.jpg"])
        try writer.recordFailure(Sample.failure(1))
        try writer.recordFailure(Sample.failure(90))
        try writer.finish()
        let facts = try StoreFacts(path: folder.store)
        #expect(facts.pictures.count == 6)
        let bytes = try folder.bytes(folder.segment())
        try folder.write(bytes + [UInt8](repeating: 3, count: 100), to: folder.segment())
        try folder.write(index, to: folder.index)
        #expect(try repair(folder).lostPictures.isEmpty)
        try #expect(StoreFacts(path: folder.store) == facts)
        try expectClean(folder)
        try expectDone(folder)
    }

    @Test("refuses while a writer is at work, and where there is no store")
    func refused() throws {
        let folder = try ScratchFolder()
        #expect(throws: InputError.self) { try repair(folder) }
        #expect(!FileManager.default.fileExists(atPath: folder.store))
        var writer = try FeatureStoreWriter(small: folder.store)
        try writer.append(samples: 0..<4)
        try writer.commit()
        let files = try folder.files()
        let error = #expect(throws: InputError.self) { try repair(folder) }
        #expect(error?.fact.contains("is being written") == true)
        try #expect(folder.files() == files)
        try writer.finish()
        #expect(try repair(folder).isClean)
    }
}
