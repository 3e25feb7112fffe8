import Foundation
import Tensors
import Testing

@testable import FeatureStorage

@Suite("The lock") struct StoreLockTests {
    @Test("refuses a second writer at once, says who holds it, and is let go of with the first")
    func twoWriters() throws {
        let folder = try ScratchFolder()
        do {
            let first = try FeatureStoreWriter(small: folder.store)
            let error = #expect(throws: InputError.self) { _ = try FeatureStoreWriter(small: folder.store) }
            let holder = "process \(ProcessInfo.processInfo.processIdentifier) on \(ProcessInfo.processInfo.hostName)"
            #expect(error?.object == folder.store)
            #expect(error?.fact.contains(holder) == true)
            #expect(first.recovery.isEmpty)
        }
        let second = try FeatureStoreWriter(small: folder.store)
        try second.finish()
        let third = try FeatureStoreWriter(small: folder.store)
        #expect(third.recovery.isEmpty)
    }

    @Test("refused, closes its own descriptor once and leaves the holder's note alone")
    func refused() throws {
        let folder = try ScratchFolder()
        let first = try FeatureStoreWriter(small: folder.store)
        let layout = StoreLayout(path: folder.store)
        let note = try folder.bytes(layout.lock)
        for _ in 0..<20 {
            #expect(throws: InputError.self) { try StoreLock(layout) }
            // Takes the number that a descriptor closed too early would free, and must still have it afterwards.
            let file = try #require(FileHandle(forReadingAtPath: layout.index))
            #expect(throws: InputError.self) { try StoreLock(reading: layout) }
            #expect(try file.read(upToCount: 6) == Data("SQLite".utf8))
        }
        #expect(try folder.bytes(layout.lock) == note)
        try first.finish()
    }

    @Test("is taken where the holder lets go in the moment in which it is asked for its name")
    func silentHolder() throws {
        let folder = try ScratchFolder()
        let layout = StoreLayout(path: folder.store)
        try layout.create()
        // Holds the lock and has taken its note back already, as a writer does at its end.
        let descriptor = open(layout.lock, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
        try #require(descriptor >= 0 && flock(descriptor, LOCK_EX | LOCK_NB) == 0)
        var pauses = 0
        let error = #expect(throws: InputError.self) { try StoreLock(layout) { pauses += 1 } }
        #expect(pauses > 0 && error?.fact == "is being written by another process")
        let lock = try StoreLock(layout) { close(descriptor) }
        #expect(throws: InputError.self) { try StoreLock(layout) }
        withExtendedLifetime(lock) {}
    }
}
