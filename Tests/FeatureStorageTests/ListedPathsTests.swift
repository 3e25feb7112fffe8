import Foundation
import Tensors
import Testing

@testable import FeatureStorage

@Suite("ListedPaths") struct ListedPathsTests {
    @Test("names pictures and failures of all spaces and roots, in the order of bytes")
    func all() throws {
        let folder = try ScratchFolder()
        var writer = try FeatureStoreWriter(small: folder.store)
        try writer.append(samples: [3, 1, 20])
        try writer.recordFailure(Sample.failure(7))
        try writer.finish()
        var other = try FeatureStoreWriter(small: folder.store, Sample.space("256"))
        try other.append(feature: Sample.feature(5)[...], of: Sample.picture(5, root: "/a"))
        for number in [7, 4] { try other.recordFailure(Sample.failure(number)) }
        try other.finish()
        let listed = try FeatureStore(path: folder.store).listedPaths()
        #expect(listed.pictures == ["/a/5.jpg", "/p/1.jpg", "/p/20.jpg", "/p/3.jpg"])
        #expect(listed.failures == ["/p/4.jpg", "/p/7.jpg"])
    }

    @Test("keeps two spellings of an accent apart")
    func spellings() throws {
        let folder = try ScratchFolder()
        var writer = try FeatureStoreWriter(small: folder.store)
        for path in ["/p/e\u{301}.jpg", "/p/\u{E9}.jpg"] {
            try writer.recordFailure(
                FailureEntry(path: path, root: "/p", reason: "r", size: 1, modified: 1))
        }
        try writer.finish()
        #expect(try FeatureStore(path: folder.store).listedPaths().failures.count == 2)
    }
}
