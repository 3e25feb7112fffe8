import FeatureStorage
import Foundation
import Tensors
import Testing

@testable import Pipeline

@Suite("FeatureExporter")
struct FeatureExporterTests {
    @Test("Rows follow the paths, and the table quotes what needs it")
    func quoting() throws {
        let folder = try TemporaryFolder()
        defer { folder.clean() }
        let space = SampleStore.space(named: "s")
        var writer = try FeatureStoreWriter(path: folder.path("s.fcstore"), space: space)
        let odd = #"p/b, "the odd"/x.jpg"#
        for (number, path) in ["p/c/z.jpg", odd, "p/a\n/y.jpg"].enumerated() {
            let feature = [Float](repeating: Float(number), count: SampleStore.dimension)
            try writer.append(feature: feature[...], of: SampleStore.entry(path, "l"))
        }
        try writer.finish()
        let exporter = FeatureExporter(store: try FeatureStore(path: folder.path("s.fcstore")), space: space, head: nil)
        let written = try exporter.writeNumPy(to: folder.path("f.npy"))
        #expect(written.rows == 3 && written.columns == SampleStore.dimension)
        let array = try NumPyFile.decode(Data(contentsOf: URL(fileURLWithPath: folder.path("f.npy"))))
        #expect([array.elements[0], array.elements[8], array.elements[16]] == [2, 1, 0])
        let csv = try String(contentsOfFile: written.table, encoding: .utf8)
        #expect(csv.contains(#""/p/b, ""the odd""/x.jpg",l"#))
        #expect(csv.contains("\"/p/a\n/y.jpg\",l"))
    }
}
