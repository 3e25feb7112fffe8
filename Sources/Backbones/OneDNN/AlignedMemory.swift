import Foundation
import Tensors

/// Memory for `Float`s, aligned to a page, zeroed, and on huge pages where the system has them.
final class AlignedMemory {
    /// How many bytes there are.
    let byteCount: Int
    private let base: UnsafeMutableRawPointer

    private static let hugePage = 2 << 20

    /// `byteCount` zero bytes. Throws `InputError` where the system has no more.
    init(byteCount: Int) throws {
        let length = max(byteCount, 1)
        let alignment = length >= Self.hugePage ? Self.hugePage : 4096
        var pointer: UnsafeMutableRawPointer?
        guard posix_memalign(&pointer, alignment, length) == 0, let pointer else {
            throw InputError(
                "memory", "\(byteCount >> 20) MiB cannot be had", remedy: "Use a smaller batch, or free memory.")
        }
        // Advice only: without huge pages everything works, a little slower.
        if length >= Self.hugePage { _ = madvise(pointer, length, MADV_HUGEPAGE) }
        memset(pointer, 0, length)
        self.byteCount = byteCount
        base = pointer
    }

    deinit { free(base) }

    /// Calls `body` with the bytes from `offset` on; the pointer must not outlive this object.
    func withBytes<Result>(from offset: Int = 0, _ body: (UnsafeMutableRawPointer) throws -> Result) rethrows -> Result
    {
        try body(base + offset)
    }

    /// Calls `body` with `count` values that begin at the byte `offset`; the pointer must not leave it.
    func withFloats<Result>(
        from offset: Int = 0, count: Int, _ body: (UnsafeMutableBufferPointer<Float>) throws -> Result
    ) rethrows -> Result {
        precondition(offset + count * 4 <= byteCount, "\(count) floats at \(offset) of \(byteCount) bytes")
        return try body(
            UnsafeMutableBufferPointer(start: (base + offset).assumingMemoryBound(to: Float.self), count: count))
    }
}
