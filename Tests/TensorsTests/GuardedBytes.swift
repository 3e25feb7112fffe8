import Foundation
import Testing

/// Bytes that end where a page begins that may not be touched: a kernel that reads or writes past them ends the process.
final class GuardedBytes {
    private let pages: UnsafeMutableRawPointer
    private let length: Int
    let count: Int
    var pointer: UnsafeMutablePointer<UInt8> {
        (pages + length - Self.pageSize - count).assumingMemoryBound(to: UInt8.self)
    }
    var bytes: [UInt8] { Array(UnsafeBufferPointer(start: pointer, count: count)) }

    private static let pageSize = Int(sysconf(Int32(_SC_PAGESIZE)))

    init(_ bytes: [UInt8]) {
        count = bytes.count
        length = (bytes.count / Self.pageSize + 2) * Self.pageSize
        let mapped = mmap(nil, length, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
        guard let mapped, mapped != MAP_FAILED,
            mprotect(mapped + length - Self.pageSize, Self.pageSize, PROT_NONE) == 0
        else { preconditionFailure("no memory for a guarded buffer") }
        pages = mapped
        pointer.update(from: bytes, count: bytes.count)
    }

    /// `count` bytes of 0xAA.
    convenience init(count: Int) { self.init([UInt8](repeating: 0xAA, count: count)) }

    deinit { munmap(pages, length) }
}
