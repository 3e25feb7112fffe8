import Foundation
public import Tensors

/// Kept embeddings, opened for reading: unit vectors of `float16`, in groups that have a name each. Any number of readers, also while
/// more are appended.
public struct EmbeddingFile: Sendable {
    /// Where they are.
    public let place: EmbeddingPlace
    /// What names the places of its rows: rows that have one keep it as long as the generation is the same.
    let generation: [UInt8]
    /// All rows, those of groups that nobody asks for any more too.
    public let vectors: VectorRows
    private let rows: [Fingerprint: Range<Int>]
    private let groups: [EmbeddingManifest.Group]
    private let memory: MappedFile

    /// The length of the array's header: room for any shape.
    static let headerBytes = 128

    /// Opens what is at `place`; nil where there is nothing, or nothing that can be used.
    public init?(at place: EmbeddingPlace) throws {
        // Where a writer begins a new generation, the manifest that was read may be of the old one.
        for _ in 0..<16 {
            guard let manifest = Self.manifest(at: place) else { return nil }
            guard let memory = try? MappedFile(path: place.array) else { return nil }
            guard Self.manifest(at: place)?.generation == manifest.generation else { continue }
            guard memory.count >= Self.headerBytes + manifest.rowCount * place.dimension * 2 else { return nil }
            self.init(place, manifest, memory)
            return
        }
        throw InputError(place.array, "is being written anew all the time", remedy: "Search again later.")
    }

    private init(_ place: EmbeddingPlace, _ manifest: EmbeddingManifest, _ memory: MappedFile) {
        (self.place, generation, groups, self.memory) = (place, manifest.generation, manifest.groups, memory)
        vectors = VectorRows(
            [.init(memory: .file(memory), offset: Self.headerBytes, count: manifest.rowCount)],
            dimension: place.dimension, element: .float16)
        var (rows, start) = ([Fingerprint: Range<Int>](minimumCapacity: groups.count), 0)
        for group in groups {
            rows[group.identity] = start..<start + group.rows
            start += group.rows
        }
        self.rows = rows
    }

    /// What is written at `place`; nil where that is nothing, damaged, or of something else.
    static func manifest(at place: EmbeddingPlace) -> EmbeddingManifest? {
        guard let data = FileManager.default.contents(atPath: place.manifest),
            let manifest = EmbeddingManifest(decoding: data), manifest.source == place.source,
            manifest.dimension == place.dimension
        else { return nil }
        return manifest
    }

    /// The number of groups.
    public var groupCount: Int { groups.count }

    /// The rows of the group called `identity`; nil where it is not there.
    public func rows(of identity: Fingerprint) -> Range<Int>? { rows[identity] }

    /// Some rows as a part of vectors.
    public func part(_ rows: Range<Int>) -> VectorRows.Part {
        VectorRows.Part(
            memory: .file(memory), offset: Self.headerBytes + rows.lowerBound * place.dimension * 2, count: rows.count)
    }

    /// Compares every group with its checksum. Throws `InputError` naming the first that differs.
    public func verify() throws {
        var start = Self.headerBytes
        for (position, group) in groups.enumerated() {
            let length = group.rows * place.dimension * 2
            let isRight = memory.withUnsafeBytes {
                Checksum.crc32c(UnsafeRawBufferPointer(rebasing: $0[start..<start + length])) == group.checksum
            }
            guard isRight else {
                throw InputError(
                    place.array, "is damaged: the checksum of group \(position) at byte \(start) differs",
                    remedy: "Run finetuner-cache repair: it takes it away, and the next query makes it again.")
            }
            start += length
        }
    }
}
