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
}
