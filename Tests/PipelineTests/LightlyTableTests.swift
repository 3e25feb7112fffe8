import FeatureStorage
import Foundation
import Tensors
import Testing

@testable import Pipeline

@Suite("Lightly's table")
struct LightlyTableTests {
    @Test("has a row a picture: its name below the listed folder, its numbers, the number of its label")
    func rows() throws {
        let folder = try TemporaryFolder()
        defer { folder.clean() }
        let pictures = [("/p/b/1, x.jpg", "b"), ("/p/a/2.jpg", "a"), ("/q/3.jpg", nil)].map {
            StoredPicture(path: $0.0, root: "/p", label: $0.1, content: Fingerprint(of: Array($0.0.utf8)))
        }
        let table = LightlyTable(
            pictures: pictures, vectors: Matrix(rows: 3, columns: 2, elements: [1, 2.5, 3, 4, -5, 1e-7]))
        try AtomicFile.write(to: folder.path("l.csv")) { try table.write(to: $0) }
        let text = try String(contentsOfFile: folder.path("l.csv"), encoding: .utf8)
        #expect(
            text
                == "filenames,embedding_0,embedding_1,labels\r\n\"b/1, x.jpg\",1.0,2.5,1\r\na/2.jpg,3.0,4.0,0\r\n/q/3.jpg,-5.0,1e-07,-1\r\n"
        )
        #expect(table.labels == ["a", "b"])
    }
}
