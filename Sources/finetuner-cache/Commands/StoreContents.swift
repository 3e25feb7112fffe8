import FeatureStorage
import Foundation
import Pipeline
import Retrieval
import Tensors

/// What `inspect` prints.
struct StoreContents: Encodable {
    struct Space: Encodable {
        let name: String
        let fingerprint: String
        let dimension: Int
        let rows: Int
        let deadRows: Int
        let chunks: Int
        let storedBytes: Int
        let float32Bytes: Int
        let fields: [String: String]

        /// How many times smaller the stored features are than plain `float32`.
        var ratio: Double { storedBytes > 0 ? Double(float32Bytes) / Double(storedBytes) : 0 }
    }

    struct Head: Encodable {
        let name: String
        let space: String
        let inputDimension: Int
        let outputDimension: Int
        let before: RetrievalMetrics?
        let after: RetrievalMetrics?
    }

    struct Failure: Encodable {
        let space: String
        let path: String
        let reason: String
    }

    let schema = 1
    let path: String
    let uuid: String
    let pictures: Int
    let contents: Int
    let labels: [String: Int]
    let splits: [String: Int]
    let segmentBytes: Int
    let indexBytes: Int
    /// Segments and index together, for each feature of any space; nil without a feature.
    let bytesPerFeature: Double?
    let spaces: [Space]
    let heads: [Head]
    let failures: [Failure]

    init(_ store: FeatureStore, path: String) throws {
        let summary = try store.summary()
        self.path = path
        uuid = summary.uuid
        pictures = summary.pictures
        contents = summary.contents
        labels = summary.labels
        splits = summary.splits
        segmentBytes = summary.segmentBytes
        indexBytes = summary.indexBytes
        spaces = try store.spaces().map {
            Space(
                name: $0.space.name, fingerprint: $0.space.fingerprint.hex, dimension: $0.space.dimension,
                rows: $0.rows, deadRows: $0.deadRows,
                chunks: $0.chunks, storedBytes: $0.storedBytes, float32Bytes: $0.rawBytes, fields: $0.space.fields)
        }
        let features = spaces.reduce(0) { $0 + $1.rows }
        bytesPerFeature = features > 0 ? Double(segmentBytes + indexBytes) / Double(features) : nil
        heads = try HeadLibrary(store: store).records().map {
            Head(
                name: $0.name, space: $0.space.hex, inputDimension: $0.inputDimension,
                outputDimension: $0.outputDimension, before: $0.before, after: $0.after)
        }
        failures = try store.spaces().flatMap { summary in
            try store.failures(in: summary.space).map {
                Failure(space: summary.space.fingerprint.hex, path: $0.path, reason: $0.reason)
            }
        }
    }

    /// A page for a person.
    var text: String {
        var lines = [
            "store     \(path)  (\(uuid))",
            "pictures  \(pictures) listed, \(contents) different, \(Formats.count(failures.count, "failure"))",
            "labels    \(Self.line(of: labels))",
            splits.isEmpty ? nil : "splits    \(Self.line(of: splits))",
            "bytes     segments \(Formats.bytes(segmentBytes)), index \(Formats.bytes(indexBytes))\(perFeature)",
            "",
        ].compactMap { $0 }
        var table = TextTable([
            ("space", .left), ("name", .left), ("dim", .right), ("features", .right), ("dead", .right),
            ("chunks", .right),
            ("bytes", .right), ("a feature", .right), ("vs float32", .right),
        ])
        for space in spaces {
            table.add([
                String(space.fingerprint.prefix(12)), space.name, "\(space.dimension)", "\(space.rows)",
                "\(space.deadRows)", "\(space.chunks)",
                Formats.bytes(space.storedBytes),
                space.rows > 0 ? String(format: "%.0f B", Double(space.storedBytes) / Double(space.rows)) : "-",
                String(format: "%.2fx smaller", space.ratio),
            ])
        }
        lines.append(table.text)
        if !heads.isEmpty { lines += ["", headTable] }
        return lines.joined(separator: "\n")
    }

    private var perFeature: String {
        bytesPerFeature.map { String(format: "; %.0f B a feature with the index", $0) } ?? ""
    }

    /// How many names there are, and the most frequent of them.
    private static func line(of names: [String: Int]) -> String {
        guard !names.isEmpty else { return "none" }
        let largest = names.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
        let shown = largest.prefix(6).map { "\(Formats.visible($0.key)) \($0.value)" }.joined(separator: ", ")
        return "\(names.count): \(shown)\(names.count > 6 ? ", …" : "")"
    }

    private var headTable: String {
        var table = TextTable([
            ("head", .left), ("space", .left), ("dims", .left), ("held-out MAP@R", .right), ("raw", .right),
        ])
        for head in heads {
            table.add([
                head.name, String(head.space.prefix(12)), "\(head.inputDimension) -> \(head.outputDimension)",
                head.after.map { Formats.metric($0.meanAveragePrecisionAtR) } ?? "-",
                head.before.map { Formats.metric($0.meanAveragePrecisionAtR) } ?? "-",
            ])
        }
        return table.text
    }
}
