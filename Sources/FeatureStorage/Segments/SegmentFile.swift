import Foundation
import Tensors

/// A segment's open file. Owns the descriptor.
final class SegmentFile: Sendable {
    let path: String
    let number: Int
    private let descriptor: Int32

    enum Access {
        case read
        case write
        /// Makes the file, which must not be there.
        case create
    }

    init(_ layout: StoreLayout, number: Int, _ access: Access) throws {
        path = layout.segment(number)
        self.number = number
        switch access {
        case .read: descriptor = open(path, O_RDONLY | O_CLOEXEC)
        case .write: descriptor = open(path, O_RDWR | O_CLOEXEC)
        case .create: descriptor = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
        }
        guard descriptor >= 0 else {
            let remedy = errno == EMFILE ? "Raise the limit of open files with `ulimit -Hn`: every segment is one." : ""
            throw InputError(path, "cannot be opened: \(InputError.systemReason)", remedy: remedy)
        }
    }

    deinit { close(descriptor) }

    var name: String { StoreLayout.segmentName(number) }

    func length() throws -> Int {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw failure("cannot be examined") }
        guard status.st_mode & S_IFMT == S_IFREG else { throw InputError(path, "is not a regular file") }
        return Int(status.st_size)
    }

    /// This file, or a copy in its place where the file has other names too: a store that was merged or copied with links has it
    /// under one of them, and what is cut or appended here must not be cut or appended there.
    func unshared(_ layout: StoreLayout) throws -> SegmentFile {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw failure("cannot be examined") }
        guard status.st_nlink > 1 else { return self }
        try AtomicFile.copy(path, to: path)
        return try SegmentFile(layout, number: number, .write)
    }

    /// The bytes from `offset`; fewer than `count` only where the file ends there.
    func read(at offset: Int, count: Int) throws -> [UInt8] {
        try [UInt8](unsafeUninitializedCapacity: count) { target, filled in
            while filled < count {
                let got = pread(
                    descriptor, target.baseAddress.map { $0 + filled }, count - filled, off_t(offset + filled))
                if got < 0 && errno == EINTR { continue }
                guard got >= 0 else { throw failure("cannot be read at byte \(offset + filled)") }
                guard got > 0 else { return }
                filled += got
            }
        }
    }

    func write(_ bytes: [UInt8], at offset: Int) throws {
        try bytes.withUnsafeBytes { source in
            var written = 0
            while written < source.count {
                let rest = UnsafeRawBufferPointer(rebasing: source[written...])
                let count = pwrite(descriptor, rest.baseAddress, rest.count, off_t(offset + written))
                if count < 0 && errno == EINTR { continue }
                guard count > 0 else {
                    throw failure("cannot be written", remedy: "Free space there, then run the same command again.")
                }
                written += count
            }
        }
    }

    /// Returns once what was written is on the disk. After a failure nobody knows what is: do not try again.
    func synchronize() throws {
        guard fdatasync(descriptor) == 0 else { throw failure("cannot be flushed to the disk") }
    }

    /// Cuts the file to `length` bytes and flushes that to the disk.
    func truncate(to length: Int) throws {
        guard ftruncate(descriptor, off_t(length)) == 0, fsync(descriptor) == 0 else { throw failure("cannot be cut") }
    }

    private func failure(_ fact: String, remedy: String = "Check the disk.") -> InputError {
        InputError(path, "\(fact): \(InputError.systemReason)", remedy: remedy)
    }
}

extension SegmentFile {
    /// The segment's header, checked.
    func header() throws -> SegmentHeader {
        let bytes = try read(at: 0, count: SegmentHeader.byteCount)
        do { return try SegmentHeader(decoding: bytes) } catch { throw error.error(path) }
    }

    /// The header of the block at `offset` of a file of `length` bytes. Throws `FormatFault` where there is none.
    func blockHeader(at offset: Int, segment: [UInt8], length: Int) throws -> BlockHeader {
        let bytes = try read(at: offset, count: BlockHeader.byteCount)
        return try BlockHeader(decoding: bytes, segment: segment, offset: offset, available: length - offset)
    }

    /// A block's bytes up to `end`, counted from the block's beginning. Throws `FormatFault` where the file is shorter.
    func body(of header: BlockHeader, upTo end: Int) throws -> BlockBody {
        let bytes = try read(at: header.offset, count: end)
        guard bytes.count == end else { throw FormatFault.damaged("the file ends inside it") }
        return BlockBody(header: header, bytes: bytes)
    }
}
