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
}
