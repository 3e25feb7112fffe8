import Foundation
import Tensors
import Testing

@testable import FeatureStorage

@Suite("Verification") struct StoreVerificationTests {
    /// Verifies in one form and expects every byte of the store to be as before.
    private func verify(_ folder: ScratchFolder, full: Bool) throws -> StoreVerification.Report {
        let files = try folder.files()
        let report = try StoreVerification(path: folder.store, full: full).run()
        try #expect(folder.files() == files)
        return report
    }

    @Test("of a whole store finds nothing, counts what it looked at and tells how far it is", arguments: [false, true])
    func whole(full: Bool) throws {
        let folder = try ScratchFolder.used()
        let report = try verify(folder, full: full)
        #expect(report.problems.isEmpty && report.notes.isEmpty && report.isFull == full)
        let contents = try StoreContents(path: folder.store)
        #expect(report.segments == (try StoreLayout(path: folder.store).segmentNumbers().count))
        #expect(report.rows >= contents.spaces.reduce(0) { $0 + $1.summary.rows })
        #expect(report.bytesRead > 0 && report.bytesRead <= contents.segmentBytes)
        var progress: [(done: Int, total: Int)] = []
        _ = try StoreVerification(path: folder.store, full: full).run { progress.append(($0, $1)) }
        #expect(progress.last.map { $0.done == $0.total && $0.done == report.chunks } == true)
    }

    @Test("names a missing index and still looks at the segments")
    func noIndex() throws {
        let folder = try ScratchFolder.used()
        try folder.remove(folder.index)
        let report = try verify(folder, full: true)
        #expect(report.problems.map(\.file) == [folder.index])
        #expect(report.chunks > 5 && report.rows > 20)
        var bytes = try folder.bytes(folder.segment(1))
        let block = try #require(try folder.blocks(1).first { $0.rows > 0 })
        bytes[block.offset + block.payloadOffset] ^= 1
        try folder.write(bytes, to: folder.segment(1))
        try #expect(verify(folder, full: false).problems.map(\.offset) == [nil, block.offset])
    }

    @Test("names missing and shorter segments and the pictures in them", arguments: [false, true])
    func segments(full: Bool) throws {
        let folder = try ScratchFolder.used()
        let bytes = try folder.bytes(folder.segment(2))
        let contents = try folder.blocks(2).flatMap { block in
            try SegmentFile(StoreLayout(path: folder.store), number: 2, .read).body(of: block, upTo: block.length)
                .contents()
        }
        let lost = try StoreFacts(path: folder.store).pictures.values.filter { contents.contains($0.content) }
            .map(\.path).sorted()
        try folder.remove(folder.segment(2))
        let missing = try verify(folder, full: full)
        #expect(missing.problems.map(\.file) == [folder.segment(2)])
        #expect(Set(missing.problems[0].pictures).isSubset(of: lost) && !missing.problems[0].pictures.isEmpty)
        try folder.write(bytes.dropLast(64), to: folder.segment(2))
        let shorter = try verify(folder, full: full)
        #expect(!shorter.problems.isEmpty && shorter.problems.allSatisfy { $0.file == folder.segment(2) })
        try folder.write([], to: folder.segment(2))
        #expect(try !verify(folder, full: full).problems.isEmpty)
        try folder.write(try folder.bytes(folder.segment(1)), to: folder.segment(2))
        #expect(try verify(folder, full: full).problems.contains { $0.fact.contains("another segment") })
    }

    @Test("only notes what the next writer sets right", arguments: [false, true])
    func unfinished(full: Bool) throws {
        let folder = try ScratchFolder.used()
        let bytes = try folder.bytes(folder.segment(1))
        try folder.write(bytes + [UInt8](repeating: 5, count: 77), to: folder.segment(1))
        try folder.write([1, 2, 3], to: folder.segment(90))
        let report = try verify(folder, full: full)
        #expect(report.problems.isEmpty)
        #expect(report.notes.count == 2)
        #expect(
            report.notes.contains { $0.contains("77 bytes") } && report.notes.contains { $0.contains("000090.seg") })
    }

    @Test("tells the pictures of each damaged chunk, twins and other folders too")
    func pictures() throws {
        let folder = try ScratchFolder.used()
        let whole = try StoreFacts(path: folder.store)
        var deadChunks = 0
        for number in try StoreLayout(path: folder.store).segmentNumbers() {
            let bytes = try folder.bytes(folder.segment(number))
            let file = try SegmentFile(StoreLayout(path: folder.store), number: number, .read)
            for block in try folder.blocks(number) where block.rows > 0 {
                let contents = try file.body(of: block, upTo: block.length).contents()
                var damaged = bytes
                damaged[block.offset + block.payloadOffset] ^= 0x40
                try folder.write(damaged, to: folder.segment(number))
                #expect(try verify(folder, full: false).problems.isEmpty)
                let problems = try verify(folder, full: true).problems
                #expect(problems.count == 1 && problems[0].offset == block.offset)
                let listed = whole.pictures.values.filter { contents.contains($0.content) }.map(\.path).sorted()
                // A chunk all of whose rows another has too is dead: no picture is lost with it.
                let isDead = contents == (4..<6).map(Sample.content)
                deadChunks += isDead ? 1 : 0
                #expect(problems.first?.pictures == (isDead ? [] : listed))
                try folder.write(bytes, to: folder.segment(number))
            }
        }
        #expect(deadChunks == 1)
    }

    @Test("leaves a journal that waits to be undone to whoever writes, and takes in what others report")
    func others() throws {
        let folder = try ScratchFolder.used()
        try folder.leaveCommitUnfinished()
        let unfinished = try verify(folder, full: true)
        #expect(unfinished.problems.isEmpty && unfinished.notes.count == 1 && unfinished.chunks > 5)
        _ = try FeatureStore(path: folder.store)
        var report = try verify(folder, full: false)
        #expect(report.problems.isEmpty && report.notes.isEmpty)
        report.add([InputError("heads/a/run.json", "is damaged: its checksum differs")])
        #expect(report.problems.map(\.file) == ["heads/a/run.json"])
        #expect(throws: InputError.self) { try StoreVerification(path: folder.path + "/none", full: true).run() }
    }
}
