import FeatureStorage
import Foundation
import PythonPeer
import Retrieval
import Tensors
import Testing

@testable import Pipeline

@Suite("Files that searches keep")
struct SearchFilesTests {
    /// A store whose raw features are kept, with a graph.
    private func kept() throws -> (sample: SampleStore, files: [String: String]) {
        let sample = try SampleStore(perClass: 40, chunkRows: 32)
        let store = try sample.open()
        let source = EmbeddingSource(space: sample.space, head: .none)
        _ = try GraphIndexing(source, in: store).build(GraphParameters(links: 8), interruption: Interruption())
        let names = try FileManager.default.contentsOfDirectory(atPath: store.embeddingsFolder)
        let paths = names.map { ($0.components(separatedBy: ".").last ?? "", "\(store.embeddingsFolder)/\($0)") }
        return (sample, Dictionary(uniqueKeysWithValues: paths))
    }

    @Test(
        "are found damaged and taken away, the graph alone where it alone is, and made again",
        arguments: ["npy", "hnsw", "rows"])
    func damage(kind: String) throws {
        let (sample, files) = try kept()
        let search = SearchFiles(storeAt: sample.folder.path("s.fcstore"))
        #expect(search.damaged().isEmpty && files.count == 3)
        let path = try #require(files[kind])
        var bytes = try Data(contentsOf: URL(fileURLWithPath: path))
        bytes[bytes.count - 9] ^= 8
        try bytes.write(to: URL(fileURLWithPath: path))
        #expect(search.damaged().map(\.object) == [path])
        #expect(try search.removeDamaged().count == 1)
        let left = files.values.filter { FileManager.default.fileExists(atPath: $0) }
        #expect(Set(left) == (kind == "hnsw" ? Set(files.values).subtracting([path]) : []))
        #expect(search.damaged().isEmpty)
        let source = EmbeddingSource(space: sample.space, head: .none)
        let report = try GraphIndexing(source, in: sample.open()).build(
            GraphParameters(links: 8), interruption: Interruption())
        #expect(report?.isNew == true && search.damaged().isEmpty)
    }

    @Test("that were cut off are damaged")
    func cut() throws {
        let (sample, files) = try kept()
        let path = try #require(files["npy"])
        try Data(contentsOf: URL(fileURLWithPath: path)).dropLast(50).write(to: URL(fileURLWithPath: path))
        #expect(
            SearchFiles(storeAt: sample.folder.path("s.fcstore")).damaged().map(\.fact) == ["is missing or cut off"])
    }

    @Test(
        "are arrays that NumPy reads: embeddings, and the neighbors of all",
        .enabled(if: Python.interpreter(importing: "numpy") != nil, "needs Python with numpy"))
    func numPy() throws {
        let (sample, files) = try kept()
        let python = try #require(Python.interpreter(importing: "numpy"))
        let store = try sample.open()
        let search = try PictureSearch(store: store, source: EmbeddingSource(space: sample.space, head: .none))
        let graph = try #require(try NeighborGraph(search, in: store, k: 3, interruption: Interruption()))
        let written = try graph.writeNumPy(to: sample.folder.path("knn.npy"))
        let program = """
            import numpy as np, sys
            x, n, s = (np.load(path) for path in sys.argv[1:])
            u = x.astype(np.float64); u /= np.linalg.norm(u, axis=1, keepdims=True)
            best = np.sort(u @ u.T, axis=1)[:, ::-1][:, 1:4]
            print(x.dtype, x.shape, n.dtype, n.shape, s.dtype, s.shape, np.abs(np.sort(best, axis=0) - np.sort(s, axis=0)).max() < 1e-3)
            """
        let printed = try Python.run(
            python, program, try #require(files["npy"]), sample.folder.path("knn.npy"), written.scores)
        #expect(printed == "float16 (160, 8) int32 (160, 3) float32 (160, 3) True\n")
    }
}
