import Foundation
import Tensors
import Testing

@testable import FeatureStorage

@Suite("Merging") struct StoreMergeTests {
    /// A store with samples, in segments so small that most are sealed.
    private func store(
        _ numbers: Range<Int>, _ space: FeatureSpace = Sample.space(), segmentBytes: Int = 1000,
        _ change: (inout FeatureStoreWriter) throws -> Void = { _ in }
    ) throws -> ScratchFolder {
        let folder = try ScratchFolder()
        var writer = try FeatureStoreWriter(small: folder.store, space, segmentBytes: segmentBytes)
        try writer.append(samples: numbers)
        try change(&writer)
        try writer.finish()
        return folder
    }

    private func merge(
        _ sources: [ScratchFolder], into target: ScratchFolder,
        otherSpaces: FeatureStoreWriter.OtherSpacePolicy = .refuse
    ) throws -> StoreMerge.Report {
        try StoreMerge(sources.map(\.store), into: target.store, otherSpaces: otherSpaces).run()
    }

    private func expectWhole(_ folder: ScratchFolder, sourceLocation: SourceLocation = #_sourceLocation) throws {
        let problems = try StoreVerification(path: folder.store, full: true).run().problems
        #expect(problems.isEmpty, sourceLocation: sourceLocation)
    }

    /// The index made anew from the segments must say the same.
    private func expectRebuildable(_ folder: ScratchFolder, sourceLocation: SourceLocation = #_sourceLocation) throws {
        let facts = try StoreFacts(path: folder.store)
        try folder.remove(folder.index)
        _ = try FeatureStoreWriter(small: folder.store, segmentBytes: 1 << 20).recovery
        try #expect(StoreFacts(path: folder.store) == facts, sourceLocation: sourceLocation)
    }

    private func inodes(_ folder: ScratchFolder) throws -> Set<UInt64> {
        try Set(
            StoreLayout(path: folder.store).segmentNumbers().map { number in
                let attributes = try FileManager.default.attributesOfItem(atPath: folder.segment(number))
                return try #require(attributes[.systemFileNumber] as? NSNumber).uint64Value
            })
    }

    @Test("of three stores has every feature once, sealed segments linked and the rest appended; again changes nothing")
    func union() throws {
        let sources = [
            try store(0..<13), try store(8..<22) { try $0.recordFailure(Sample.failure(90)) },
            try store(30..<36) { try $0.recordFailure(Sample.failure(91, root: "/q")) },
        ]
        let target = try ScratchFolder()
        let report = try merge(sources, into: target)
        let facts = try StoreFacts(path: target.store)
        #expect(facts.pictures.count == 28 && report.pictures == 28)
        #expect(report.features == 28 && report.duplicates == 5)
        #expect(report.segmentsLinked > 3 && report.segmentsCopied == 0 && report.chunksAppended > 0)
        #expect(report.conflictingLabels.isEmpty && report.conflictingContents.isEmpty)
        #expect(facts.failures[Sample.space().fingerprint]?.keys.map(\.text).sorted() == ["/p/90.jpg", "/q/91.jpg"])
        for source in sources {
            let theirs = try StoreFacts(path: source.store)
            let features = try #require(theirs.spaces[Sample.space().fingerprint]).features
            #expect(features.allSatisfy { facts.spaces[Sample.space().fingerprint]?.features[$0.key] == $0.value })
            #expect(theirs.pictures.allSatisfy { facts.pictures[$0.key] == $0.value })
        }
        let linked = try sources.reduce(0) { $0 + (try inodes(target).intersection(inodes($1)).count) }
        #expect(linked == report.segmentsLinked)
        try expectWhole(target)
        let files = try target.files().filter { $0.key.hasPrefix("segments/") }
        let again = try merge(sources, into: target)
        #expect(again.segmentsLinked == 0 && again.chunksAppended == 0 && again.features == 0)
        try #expect(target.files().filter { $0.key.hasPrefix("segments/") } == files)
        try #expect(StoreFacts(path: target.store) == facts)
        try expectRebuildable(target)
    }

    @Test("says nothing of paths that linked segments are right about, and once what counts of the others")
    func mentions() throws {
        let sources = [
            try store(0..<13) { try $0.record(Sample.picture(1, label: "owl")) },
            try store(30..<43) { try $0.remove(paths: ["/p/31.jpg"]) },
        ]
        let target = try ScratchFolder()
        _ = try merge(sources, into: target)
        let said = try mentions(in: target, except: sources)
        let open = try sources.flatMap { try mentions(in: $0, except: [target]).keys }
        #expect(said.values.allSatisfy { $0 == 1 })
        #expect(Set(said.keys) == Set(open + ["/p/1.jpg", "/p/31.jpg"]) && open.count < 13)
        try expectRebuildable(target)
    }

    /// How often the segments of a store that others do not have say something of each path.
    private func mentions(in folder: ScratchFolder, except others: [ScratchFolder]) throws -> [String: Int] {
        let linked = try others.reduce(into: Set<UInt64>()) { $0.formUnion(try inodes($1)) }
        var mentions: [String: Int] = [:]
        for number in try StoreLayout(path: folder.store).segmentNumbers() {
            let attributes = try FileManager.default.attributesOfItem(atPath: folder.segment(number))
            guard let inode = attributes[.systemFileNumber] as? NSNumber, !linked.contains(inode.uint64Value) else {
                continue
            }
            let file = try SegmentFile(StoreLayout(path: folder.store), number: number, .read)
            let isWhole = try file.forEachChange { mentions[$0.path, default: 0] += 1 }
            #expect(isWhole)
        }
        return mentions
    }

    @Test("brings in what has grown since")
    func grown() throws {
        let (first, second) = (try store(0..<6), try store(20..<26))
        let target = try ScratchFolder()
        _ = try merge([first, second], into: target)
        var writer = try FeatureStoreWriter(small: first.store, segmentBytes: 2000)
        try writer.append(samples: 6..<17)
        try writer.remove(paths: ["/p/2.jpg"])
        try writer.finish()
        #expect(try merge([first, second], into: target).features == 11)
        let facts = try StoreFacts(path: target.store)
        #expect(facts.pictures.count == 23, "what the merged store lists stays listed")
        try expectWhole(target)
        try expectRebuildable(target)
    }

    @Test("reports other labels and contents; the target's come first, then the first source's")
    func conflicts() throws {
        let target = try store(0..<2)
        let first = try store(0..<6) { try $0.record(Sample.picture(1, label: "dog")) }
        let second = try store(4..<8) { writer in
            try writer.record(Sample.picture(4, label: nil))
            try writer.record(Sample.picture(7, path: "/p/5.jpg"))
        }
        let report = try merge([first, second], into: target)
        #expect(
            report.conflictingLabels == [
                .init(path: "/p/1.jpg", kept: "cat", other: "dog", store: first.store),
                .init(path: "/p/4.jpg", kept: "cat", other: nil, store: second.store),
            ])
        #expect(
            report.conflictingContents == [
                .init(
                    path: "/p/5.jpg", kept: Sample.content(5).hex, other: Sample.content(7).hex, store: second.store)
            ])
        let facts = try StoreFacts(path: target.store)
        #expect(facts.pictures[ExactText("/p/1.jpg")]?.label == "cat")
        #expect(facts.pictures[ExactText("/p/4.jpg")]?.label == "cat")
        #expect(facts.pictures[ExactText("/p/5.jpg")] == Sample.picture(5))
        try expectRebuildable(target)
    }

    @Test("lists what any store lists, whatever the others had removed before or after")
    func removals() throws {
        // The second store's blocks have higher numbers than the first's, so that its removals are replayed later.
        let first = try store(0..<10)
        let second = try store(0..<24) { writer in
            try writer.remove(paths: (0..<8).map { Sample.picture($0).path } + ["/p/20.jpg"])
        }
        let third = try store(19..<22) { try $0.remove(paths: ["/p/21.jpg"]) }
        for sources in [[first, second, third], [third, second, first]] {
            let target = try ScratchFolder()
            _ = try merge(sources, into: target)
            let facts = try StoreFacts(path: target.store)
            #expect(Set(facts.pictures.keys.map(\.text)) == Set((0..<24).map { Sample.picture($0).path }))
            for number in 0..<24 {
                #expect(facts.pictures[ExactText(Sample.picture(number).path)] == Sample.picture(number))
            }
            try expectWhole(target)
            try expectRebuildable(target)
        }
    }

    @Test("keeps what no store lists out, and failures that a picture elsewhere does not end")
    func histories() throws {
        let first = try store(0..<6) { writer in
            try writer.remove(paths: ["/p/1.jpg"])
            try writer.recordFailure(Sample.failure(90))
            try writer.remove(paths: ["/p/90.jpg"])
            try writer.recordFailure(Sample.failure(91))
        }
        let second = try store(10..<16) { try $0.recordFailure(Sample.failure(90)) }
        let target = try ScratchFolder()
        _ = try merge([first, second], into: target)
        let facts = try StoreFacts(path: target.store)
        #expect(facts.pictures[ExactText("/p/1.jpg")] == nil && facts.pictures.count == 11)
        #expect(facts.failures[Sample.space().fingerprint]?.count == 2)
        try expectRebuildable(target)
    }

    @Test("leaves the failures of the target's other spaces as they are")
    func otherSpaceOfTarget() throws {
        let target = try store(0..<4)
        var other = try FeatureStoreWriter(small: target.store, Sample.space("96"))
        try other.append(samples: 0..<2)
        try other.recordFailure(Sample.failure(90))
        try other.finish()
        let before = try StoreFacts(path: target.store)
        let source = try store(10..<24) { writer in
            try writer.append(feature: Sample.feature(90)[...], of: Sample.picture(90))
            try writer.remove(paths: ["/p/90.jpg"])
        }
        _ = try merge([source], into: target)
        let facts = try StoreFacts(path: target.store)
        #expect(facts.failures == before.failures)
        #expect(facts.pictures.count == 18)
        try expectRebuildable(target)
    }

    @Test("links a segment that two sources share once")
    func shared() throws {
        let first = try store(0..<14)
        let second = try ScratchFolder()
        _ = try merge([first], into: second)
        let target = try ScratchFolder()
        let report = try merge([first, second], into: target)
        #expect(report.features == 14 && report.duplicates == 14)
        try #expect(StoreFacts(path: target.store) == StoreFacts(path: first.store))
        try expectWhole(target)
    }

    @Test("goes on where it was killed after the links were made", arguments: [true, false])
    func killed(isAdopted: Bool) throws {
        let first = try store(0..<13)
        let second = try store(8..<40) { try $0.remove(paths: ["/p/0.jpg", "/p/9.jpg", "/p/30.jpg"]) }
        let expected = try ScratchFolder()
        _ = try merge([first, second], into: expected)
        let target = try ScratchFolder()
        try StoreLayout(path: target.store).create()
        for (number, name) in [(first, 1), (first, 2), (second, 1)].enumerated() {
            #expect(link(name.0.segment(name.1), target.segment(number + 1)) == 0)
        }
        if isAdopted { _ = try FeatureStoreWriter(small: target.store, segmentBytes: 1 << 20).recovery }
        let report = try merge([first, second], into: target)
        #expect(report.segmentsLinked > 0)
        try #expect(StoreFacts(path: target.store) == StoreFacts(path: expected.store))
        try expectWhole(target)
        try expectRebuildable(target)
    }

    @Test("killed at the moment when the links are made, the store lists what it is to list, whoever opens it")
    func linked() throws {
        let target = try store(0..<3) { try $0.record(Sample.picture(2, label: "owl")) }
        var other = try FeatureStoreWriter(small: target.store, Sample.space("96"))
        try other.recordFailure(Sample.failure(30))
        try other.finish()
        let first = try store(0..<13) { try $0.remove(paths: ["/p/5.jpg"]) }
        let second = try store(0..<40) { writer in
            try writer.remove(paths: ["/p/0.jpg", "/p/2.jpg", "/p/9.jpg", "/p/30.jpg"])
            try writer.append(samples: 40..<44)
            try writer.recordFailure(Sample.failure(41))
            try writer.append(samples: 44..<60)
        }
        let stores = try [first, second].map { try MergeSource(StoreLayout(path: $0.store)) }
        var desired = try MergeSource(StoreLayout(path: target.store)).listing()
        for store in stores {
            let listing = try store.listing()
            desired.pictures.merge(listing.pictures) { kept, _ in kept }
            for (space, failures) in listing.failures {
                desired.failures[space, default: [:]].merge(failures) { kept, _ in kept }
            }
        }
        var report = StoreMerge.Report()
        let merge = StoreMerge([first.store, second.store], into: target.store)
        let links = try merge.links(stores, [Sample.space()], desired)
        try merge.bringIn(links, stores, [Sample.space()], desired, try merge.lockTarget(), &report)
        #expect(report.segmentsLinked > 5)
        #expect(try FeatureStoreWriter(small: target.store, segmentBytes: 1 << 20).recovery.indexRebuilt)
        let adopted = try StoreFacts(path: target.store)
        #expect(adopted.pictures == desired.pictures && adopted.failures == desired.failures)
        #expect(
            adopted.pictures[ExactText("/p/2.jpg")]?.label == "owl" && adopted.pictures[ExactText("/p/41.jpg")] == nil)
        _ = try self.merge([first, second], into: target)
        let facts = try StoreFacts(path: target.store)
        #expect(facts.pictures == desired.pictures && facts.failures == desired.failures)
        #expect(facts.spaces[Sample.space().fingerprint]?.features.count == facts.pictures.count)
        try expectRebuildable(target)
    }

    @Test("refuses a target that is being written, before anything is made, and holds it until it is done")
    func heldTarget() throws {
        let (source, target) = (try store(0..<6), try store(20..<22))
        var writer = try FeatureStoreWriter(small: target.store)
        let files = try target.files()
        let error = #expect(throws: InputError.self) { try merge([source], into: target) }
        #expect(error?.fact.contains("is being written") == true)
        try #expect(target.files() == files)
        try writer.append(samples: 30..<32)
        try writer.finish()
        var attempts = 0
        _ = try StoreMerge([source.store], into: target.store).run { _, _ in
            let error = #expect(throws: InputError.self) { try FeatureStoreWriter(small: target.store).recovery }
            #expect(error?.fact.contains("is being written") == true)
            attempts += 1
        }
        #expect(attempts > 0)
        #expect(try StoreFacts(path: target.store).pictures.count == 10)
    }

    @Test("refuses a source with a damaged sealed segment and links none of its segments")
    func damaged() throws {
        let (first, target) = (try store(0..<14), try store(20..<22))
        let block = try #require(try first.blocks(1).last { $0.metadata.stored > 0 && $0.kind == .chunk })
        var bytes = try first.bytes(first.segment())
        bytes[block.offset + block.metadataOffset] ^= 1
        try first.write(bytes, to: first.segment())
        let files = try target.files()
        let error = #expect(throws: InputError.self) { try merge([first], into: target) }
        #expect(error?.object == first.segment())
        try #expect(target.files() == files)
    }

    @Test("refuses other spaces and says how they differ, or keeps both where that is asked for")
    func spaces() throws {
        let (first, second) = (try store(0..<6), try store(3..<9, Sample.space("96")))
        let target = try ScratchFolder()
        let error = #expect(throws: InputError.self) { try merge([first, second], into: target) }
        #expect(error?.object == second.store && error?.fact.contains("preprocessing.crop: 96 here, 224 there") == true)
        #expect(!FileManager.default.fileExists(atPath: target.store))
        _ = try merge([first, second], into: target, otherSpaces: .add)
        let facts = try StoreFacts(path: target.store)
        for source in [first, second] {
            let theirs = try StoreFacts(path: source.store)
            for (space, features) in theirs.spaces {
                #expect(features.features.allSatisfy { facts.spaces[space]?.features[$0.key] == $0.value })
            }
        }
        try expectRebuildable(target)
    }

    @Test("keeps the description that the target has of a space")
    func description() throws {
        let target = try store(0..<3)
        let renamed = FeatureSpace(
            name: "renamed", fields: Sample.space().fields, dimension: 24, recipe: ["model": "elsewhere"])
        let source = try store(3..<9, renamed)
        for _ in 0..<2 {
            _ = try merge([source], into: target)
            try #expect(FeatureStore(path: target.store).spaces().map(\.space) == [Sample.space()])
        }
    }

    @Test("refuses a store given twice, a missing one and one that is being written")
    func refused() throws {
        let (first, target) = (try store(0..<6), try ScratchFolder())
        #expect(throws: InputError.self) { try merge([first, first], into: target) }
        #expect(throws: InputError.self) { try merge([first], into: first) }
        let alias = first.path + "/alias"
        try FileManager.default.createSymbolicLink(atPath: alias, withDestinationPath: first.store)
        #expect(throws: InputError.self) { try StoreMerge([first.store, alias], into: target.store).run() }
        #expect(throws: InputError.self) {
            try StoreMerge([first.store + "/../t/../s.fcstore/.", first.store], into: target.store).run()
        }
        let missing = #expect(throws: InputError.self) { try merge([first, try ScratchFolder()], into: target) }
        #expect(missing?.fact.contains("does not exist") == true)
        let writer = try FeatureStoreWriter(small: first.store)
        let busy = #expect(throws: InputError.self) { try merge([first], into: target) }
        #expect(busy?.fact.contains("is being written") == true)
        #expect(!FileManager.default.fileExists(atPath: target.store))
        try writer.finish()
        #expect(try merge([first], into: target).features == 6)
    }

    @Test("reads sources that cannot be written, and changes nothing in any source")
    func readOnly() throws {
        let (first, target) = (try store(0..<14), try ScratchFolder())
        try first.remove(first.store + "/LOCK")
        let files = try first.files()
        for folder in ["", "/segments"] { chmod(first.store + folder, 0o555) }
        for name in files.keys { chmod("\(first.store)/\(name)", 0o444) }
        defer { for folder in ["", "/segments"] { chmod(first.store + folder, 0o755) } }
        #expect(try merge([first], into: target).features == 14)
        try #expect(first.files() == files)
        #expect(!FileManager.default.fileExists(atPath: first.store + "/LOCK"))
    }
}
