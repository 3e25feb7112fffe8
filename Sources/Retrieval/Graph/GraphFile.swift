import CHNSW
import Foundation
public import Tensors

/// An HNSW graph in a mapped file, every number of which was checked.
public final class GraphFile: Sendable {
    let header: GraphHeader
    private let memory: MappedFile

    /// The rows that it has: the first so many of the embeddings.
    public var count: Int { header.count }
    /// How it was made.
    public var parameters: GraphParameters { header.parameters }

    /// Why there is no graph for some embeddings.
    public enum Absence: Error, Hashable {
        /// None was made.
        case missing
        /// It is of embeddings that are there no more.
        case stale
        /// The file is not as it was written.
        case damaged(InputError)
    }

    /// Opens the graph over `embeddings`. Throws `Absence` where there is none that can be used.
    public init(over embeddings: EmbeddingFile) throws(Absence) {
        let path = embeddings.place.graph
        guard FileManager.default.fileExists(atPath: path) else { throw .missing }
        func damaged(_ fact: String) -> Absence {
            .damaged(
                InputError(path, "is damaged: \(fact)", remedy: "Run finetuner-cache index build: it makes a new one."))
        }
        guard let memory = try? MappedFile(path: path),
            let header = memory.withUnsafeBytes({ GraphHeader(decoding: $0) })
        else { throw damaged("it is no graph, or is cut off") }
        guard header.source == embeddings.place.source, header.generation == embeddings.generation,
            header.dimension == embeddings.place.dimension, header.count <= embeddings.vectors.count
        else { throw .stale }
        (self.header, self.memory) = (header, memory)
        if let fault { throw damaged(fault) }
    }

    /// What is wrong with the sections; nil for nothing.
    private var fault: String? {
        memory.withUnsafeBytes { bytes in
            for (section, checksum) in zip(header.sections, header.checksums)
            where Checksum.crc32c(UnsafeRawBufferPointer(rebasing: bytes[section])) != checksum {
                return "the checksum of the section at byte \(section.lowerBound) differs"
            }
            return withUnsafePointer(to: graph(bytes)) { ftc_hnsw_fault($0) }.map {
                "\(String(cString: $0)) is out of range"
            }
        }
    }

    private func graph(_ bytes: UnsafeRawBufferPointer) -> ftc_hnsw_graph {
        let starts = header.sections.map { bytes.baseAddress! + $0.lowerBound }
        return ftc_hnsw_graph(
            count: UInt32(header.count), m: UInt32(header.parameters.links), entry: header.entry,
            top_level: header.topLevel, base: starts[0].assumingMemoryBound(to: UInt32.self),
            levels: starts[1].assumingMemoryBound(to: UInt8.self),
            upper: starts[2].assumingMemoryBound(to: UInt32.self), upper_count: header.upperCount)
    }

    /// Calls `body` with the graph, whose memory lives as long as the file object does.
    func withGraph<Result>(_ body: (ftc_hnsw_graph) throws -> Result) rethrows -> Result {
        try memory.withUnsafeBytes { try body(graph($0)) }
    }
}
