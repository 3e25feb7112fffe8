import Foundation
public import Tensors

/// Appends to kept embeddings. One at a time at a place; the next one waits. What was committed is there whatever happens after.
public struct EmbeddingWriter: ~Copyable {
    private let place: EmbeddingPlace
    private var manifest: EmbeddingManifest
    private var known: Set<Fingerprint>
    private let folder: Int32
    private var array: FileHandle

    /// Opens what is at `place` for writing and makes it where there is nothing, or nothing that can be used. Waits while another
    /// writer is at work. Throws `InputError` where the folder cannot be written to.
    public init(at place: EmbeddingPlace) throws {
        let folder = open(place.folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard folder >= 0 else { throw Self.failure(place.folder, "cannot be opened") }
        while flock(folder, LOCK_EX) != 0 {
            guard errno == EINTR else {
                close(folder)
                throw Self.failure(place.folder, "cannot be locked")
            }
        }
        do {
            (manifest, array) = try Self.opened(place)
        } catch {
            close(folder)
            throw error
        }
        (self.place, self.folder) = (place, folder)
        known = Set(manifest.groups.map(\.identity))
    }

    deinit {
        try? array.close()
        close(folder)
    }

    /// Whether a group is there.
    public func contains(_ identity: Fingerprint) -> Bool { known.contains(identity) }

    /// How many rows are of groups that are none of `identities`.
    public func unusedRows(but identities: Set<Fingerprint>) -> (unused: Int, all: Int) {
        let unused = manifest.groups.reduce(0) { $0 + (identities.contains($1.identity) ? 0 : $1.rows) }
        return (unused, manifest.rowCount)
    }

    /// Forgets everything that is there, and the graph over it.
    public mutating func startAnew() throws {
        (manifest, array) = try Self.begun(place)
        known = []
    }

    /// Appends a group: unit vectors as `float16`, of the place's dimension. It counts once it is committed. Throws `InputError` where
    /// it cannot be written.
    public mutating func append(_ vectors: VectorRows, as identity: Fingerprint) throws {
        precondition(
            vectors.dimension == place.dimension && vectors.element == .float16,
            "[\(vectors.count), \(vectors.dimension)] of \(vectors.element.rawValue) appended to \(place.dimension)")
        var bytes = Data(capacity: vectors.count * vectors.dimension * 2)
        vectors.forEachPiece(of: 0..<vectors.count) { piece, _ in bytes.append(contentsOf: piece) }
        try Self.write(bytes, to: array, place)
        let checksum = bytes.withUnsafeBytes { Checksum.crc32c($0) }
        manifest.groups.append(
            EmbeddingManifest.Group(identity: identity, rows: vectors.count, checksum: checksum))
        known.insert(identity)
    }

    /// Has everything appended so far count. Throws `InputError` where that fails; then what was committed before counts.
    public func commit() throws {
        let header = NumPyFile.header(
            shape: [manifest.rowCount, place.dimension], element: .float16, alignment: EmbeddingFile.headerBytes)
        var done = 0
        while done < header.count {
            let written = header.withUnsafeBytes {
                pwrite(array.fileDescriptor, $0.baseAddress.map { $0 + done }, $0.count - done, off_t(done))
            }
            guard written > 0 else { throw Self.failure(place.array, "cannot be written") }
            done += written
        }
        guard fsync(array.fileDescriptor) == 0 else { throw Self.failure(place.array, "cannot be flushed to the disk") }
        try AtomicFile.write(manifest.encoded(), to: place.manifest)
    }

    /// The rows that are there, after what was not committed is cut off; or a new array.
    private static func opened(_ place: EmbeddingPlace) throws -> (EmbeddingManifest, FileHandle) {
        if let manifest = EmbeddingFile.manifest(at: place) {
            let end = EmbeddingFile.headerBytes + manifest.rowCount * place.dimension * 2
            let descriptor = open(place.array, O_RDWR | O_CLOEXEC)
            if descriptor >= 0 {
                let handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
                if try handle.seekToEnd() >= UInt64(end), ftruncate(descriptor, off_t(end)) == 0 {
                    try handle.seek(toOffset: UInt64(end))
                    return (manifest, handle)
                }
            }
        }
        return try begun(place)
    }

    /// A new generation. The old manifest goes first, so that no reader takes the new array for the old one.
    private static func begun(_ place: EmbeddingPlace) throws -> (EmbeddingManifest, FileHandle) {
        for file in [place.manifest, place.graph, place.array] {
            guard unlink(file) == 0 || errno == ENOENT else { throw failure(file, "cannot be removed") }
        }
        let descriptor = open(place.array, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw failure(place.array, "cannot be made") }
        let handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
        try write(Data(repeating: 0, count: EmbeddingFile.headerBytes), to: handle, place)
        return (
            EmbeddingManifest(
                dimension: place.dimension, source: place.source, generation: EmbeddingManifest.newGeneration()),
            handle
        )
    }

    private static func write(_ bytes: Data, to array: FileHandle, _ place: EmbeddingPlace) throws {
        do { try array.write(contentsOf: bytes) } catch {
            throw InputError(
                place.array, "cannot be written: \(InputError.reason(of: error))", remedy: "Make room there.")
        }
    }

    private static func failure(_ path: String, _ fact: String) -> InputError {
        InputError(path, "\(fact): \(InputError.systemReason)", remedy: "Check the space and the rights there.")
    }
}
