import GRDB
import Tensors

extension IndexQueries {
    /// The features of a space, each content once.
    func featureCount(space: Int64) throws -> Int {
        try runs(in: space).reduce(0) { $0 + $1.count }
    }

    func summary(of space: FeatureSpace, id: Int64) throws -> SpaceSummary {
        let segments = Set(try segments().filter { $0.spaceID == id }.map(\.number))
        var (chunks, payload, stored, live, dead) = (0, 0, 0, 0, 0)
        try rows.forEach(.chunks) { row in
            guard segments.contains(row[1]) else { return }
            let (rows, liveRows): (Int, Int) = (row[5], row[6])
            chunks += rows > 0 ? 1 : 0
            payload += row[7] as Int
            stored += row[3] as Int
            live += liveRows
            dead += rows - liveRows
        }
        return SpaceSummary(
            space: space, rows: live, deadRows: dead, chunks: chunks, payloadBytes: payload, storedBytes: stored,
            rawBytes: live * space.dimension * MemoryLayout<Float>.size, pictures: try pictureCount(space: id),
            failures: try failureCount(space: id))
    }

    func summary(indexBytes: Int) throws -> StoreSummary {
        let (names, splitNames) = (try names(.labels), try names(.splits))
        var (labels, splits, unlabeled, pictures): ([Int64: Int], [Int64: Int], Int, Int) = ([:], [:], 0, 0)
        var contents: Set<Int64> = []
        try forEachImage { image in
            pictures += 1
            contents.insert(image.content)
            if let label = image.label { labels[label, default: 0] += 1 } else { unlabeled += 1 }
            if let split = image.split { splits[split, default: 0] += 1 }
        }
        let segments = try segments()
        return StoreSummary(
            uuid: try storeUUID(), pictures: pictures, contents: contents.count,
            labels: Dictionary(labels.map { (names[$0.key] ?? "", $0.value) }, uniquingKeysWith: +),
            splits: Dictionary(splits.map { (splitNames[$0.key] ?? "", $0.value) }, uniquingKeysWith: +),
            unlabeled: unlabeled, failures: try failureCount(), segments: segments.count,
            segmentBytes: segments.reduce(0) { $0 + $1.committedLength }, indexBytes: indexBytes)
    }

    private func pictureCount(space: Int64) throws -> Int {
        let runs = try runs(in: space)
        var count = 0
        try forEachImage { if runs.holds($0.content) { count += 1 } }
        return count
    }

    private func failureCount(space: Int64? = nil) throws -> Int {
        var count = 0
        try rows.forEach(.failures) { if space == nil || space == $0[0] { count += 1 } }
        return count
    }

    /// What the footer of a segment says.
    func footer(ofSegment number: Int) throws -> BlockMetadata.Footer {
        var footer = BlockMetadata.Footer(chunks: 0, rows: 0)
        try rows.forEach(.chunks, condition: "WHERE segment_id = ?", [.integer(number)]) { row in
            footer.chunks += 1
            footer.rows += row[5]
        }
        return footer
    }
}
