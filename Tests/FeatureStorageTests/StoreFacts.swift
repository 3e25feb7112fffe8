import Foundation
import GRDB
import Tensors

@testable import FeatureStorage

/// What a store is for: its listing, its failures, and the features of the listed pictures. A repair, a collection and a
/// merge may change where these lie, and none of them.
struct StoreFacts: Equatable {
    struct Space: Equatable {
        let pictures: [StoredPicture]
        /// The features of the listed pictures by their contents.
        let features: [Fingerprint: [Float]]
    }

    let pictures: [ExactText: PictureEntry]
    let failures: [Fingerprint: [ExactText: FailureEntry]]
    let spaces: [Fingerprint: Space]

    init(path: String) throws {
        let listing = try MergeSource(StoreLayout(path: path)).listing()
        (pictures, failures) = (listing.pictures, listing.failures)
        let store = try FeatureStore(path: path)
        let listed = Set(pictures.values.map(\.content))
        var spaces: [Fingerprint: Space] = [:]
        for space in try store.spaces().map(\.space) {
            let table = try store.readFeatures(in: space)
            var features: [Fingerprint: [Float]] = [:]
            for (row, content) in table.contents.enumerated() where listed.contains(content) {
                features[content] = Array(table.features.row(row))
            }
            spaces[space.fingerprint] = Space(pictures: try store.pictures(in: space), features: features)
        }
        self.spaces = spaces
    }

    /// The paths of `whole` that this store lacks altogether or in some space.
    func missing(of whole: StoreFacts) -> Set<String> {
        var missing = Set(whole.pictures.keys.filter { pictures[$0] == nil }.map(\.text))
        for (space, paths) in whole.featured { missing.formUnion(paths.subtracting(featured[space] ?? [])) }
        return missing
    }

    /// The paths that have a feature in each space.
    var featured: [Fingerprint: Set<String>] { spaces.mapValues { Set($0.pictures.map(\.path)) } }
}

extension ScratchFolder {
    /// Every file of the store but the lock by its path from the store's folder.
    func files() throws -> [String: [UInt8]] {
        var files: [String: [UInt8]] = [:]
        for name in try FileManager.default.subpathsOfDirectory(atPath: store) where name != "LOCK" {
            var isFolder: ObjCBool = false
            _ = FileManager.default.fileExists(atPath: "\(store)/\(name)", isDirectory: &isFolder)
            if !isFolder.boolValue { files[name] = try bytes("\(store)/\(name)") }
        }
        return files
    }

    /// Makes the store's files those.
    func restore(_ files: [String: [UInt8]]) throws {
        for (name, bytes) in try self.files() where files[name] != bytes {
            if files[name] == nil { try remove("\(store)/\(name)") }
        }
        for (name, bytes) in files {
            let path = "\(store)/\(name)"
            if (try? self.bytes(path)) != bytes { try write(bytes, to: path) }
        }
    }

    /// Two spaces, sealed and open segments, dead rows, failures, pictures without a label, listing changes alone.
    static func used() throws -> ScratchFolder {
        let folder = try ScratchFolder()
        var writer = try FeatureStoreWriter(small: folder.store, segmentBytes: 1500)
        try writer.append(samples: 0..<14)
        try writer.commit()
        try writer.appendAgain(samples: 4..<6)
        try writer.recordFailure(Sample.failure(50))
        try writer.record(Sample.picture(4, path: "/q/twin.jpg", label: nil, root: "/q"))
        try writer.remove(paths: ["/p/3.jpg"])
        try writer.finish()
        var other = try FeatureStoreWriter(small: folder.store, Sample.space("96"), segmentBytes: 1500)
        try other.append(samples: 9..<20)
        try other.recordFailure(Sample.failure(51, root: "/q"))
        try other.record(Sample.picture(60))
        try other.finish()
        return folder
    }

    /// Computes features again as a build would, in every space that had them.
    func build(_ paths: Set<String>, of whole: StoreFacts) throws {
        for space in [Sample.space(), Sample.space("96")] {
            guard let features = whole.spaces[space.fingerprint]?.features else { continue }
            var writer = try FeatureStoreWriter(small: store, space)
            for path in paths.sorted() {
                guard let entry = whole.pictures[ExactText(path)] else { continue }
                if let feature = features[entry.content] {
                    try writer.append(feature: feature[...], of: entry)
                } else {
                    try writer.record(entry)
                }
            }
            try writer.finish()
        }
    }

    /// Leaves the index as a writer that is killed in the middle of a commit does: pages written, the journal not gone.
    func leaveCommitUnfinished() throws {
        var configuration = Configuration()
        configuration.prepareDatabase { try $0.execute(sql: "PRAGMA cache_size = 1; PRAGMA cache_spill = 1") }
        let queue = try DatabaseQueue(path: index, configuration: configuration)
        try queue.writeWithoutTransaction { database in
            try database.execute(sql: "BEGIN IMMEDIATE; UPDATE images SET size = size + 1")
            try database.execute(sql: "UPDATE chunks SET rows = rows + 1; UPDATE failures SET reason = reason || 'x'")
            for suffix in ["", "-journal"] {
                try FileManager.default.copyItem(
                    atPath: index + suffix, toPath: path + "/index" + suffix)
            }
            try database.execute(sql: "ROLLBACK")
        }
        try queue.close()
        for suffix in ["", "-journal"] {
            try write(try bytes(path + "/index" + suffix), to: index + suffix)
        }
    }

    /// The blocks of a segment.
    func blocks(_ number: Int) throws -> [BlockHeader] {
        let file = try SegmentFile(StoreLayout(path: store), number: number, .read)
        return try SegmentScan(
            file, segment: try file.header().uuid, from: SegmentHeader.byteCount, length: try file.length()
        ).blocks
    }
}

extension FeatureStoreWriter {
    /// Appends chunks with rows that the store has already, as a segment brought in from another store would.
    mutating func appendAgain(samples numbers: Range<Int>) throws {
        var block = PendingBlock(of: space)
        for number in numbers {
            try block.append(
                Sample.feature(number, dimension: space.dimension)[...], of: Sample.picture(number))
        }
        try write(ChunkDraft(changes: [], contents: block.contents, payload: block.payload))
    }
}
