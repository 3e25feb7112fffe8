import Foundation
import PythonPeer
import Tensors
import Testing

@Suite("Rows of NumPy files")
struct NumPyRowsTests {
    private func withFile<Result>(_ name: String, _ data: Data, _ body: (String) throws -> Result) throws -> Result {
        let folder = NSTemporaryDirectory() + "rows-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let path = "\(folder)/\(name)"
        try data.write(to: URL(fileURLWithPath: path))
        return try body(path)
    }

    private func matrix(_ rows: Int, _ columns: Int) -> Matrix {
        Matrix(rows: rows, columns: columns, elements: (0..<rows * columns).map { Float($0) / 4 })
    }

    @Test("are those of the whole array")
    func pieces() throws {
        let whole = matrix(7, 3)
        try withFile("x.npy", NumPyFile.encode(whole)) { path in
            let rows = try NumPyRows(path: path)
            #expect((rows.count, rows.width) == (7, 3))
            for range in [0..<7, 2..<3, 4..<7, 3..<3] { #expect(rows.matrix(range) == whole.rows(in: range)) }
        }
        let line = NumPyFile.header(shape: [3]) + NumPyFile.encode(matrix(1, 3)).suffix(12)
        try withFile("x.npy", line) { path in
            let rows = try NumPyRows(path: path)
            #expect((rows.count, rows.width) == (1, 3) && rows.matrix(0..<1) == matrix(1, 3))
        }
    }

    @Test("of other shapes, cut off or damaged are refused")
    func refused() throws {
        for shape in [[0, 3], [2, 0], [2, 3, 1], []] {
            let count = shape.reduce(1, *)
            let data = NumPyFile.header(shape: shape) + Data(count: count * 4)
            try withFile("x.npy", data) { path in
                _ = #expect(throws: InputError.self) { try NumPyRows(path: path) }
            }
        }
        let whole = NumPyFile.encode(matrix(4, 5))
        for length in 0..<whole.count {
            try withFile("x.npy", whole.prefix(length)) { path in
                _ = #expect(throws: InputError.self) { try NumPyRows(path: path) }
            }
        }
    }

    @Test(
        "are read as NumPy writes them, in every type and in .npz files",
        .enabled(if: Python.interpreter(importing: "numpy") != nil, "needs Python with numpy"))
    func numPy() throws {
        let python = try #require(Python.interpreter(importing: "numpy"))
        let program = """
            import numpy as np, sys
            x = (np.arange(21) / 4).reshape(7, 3)
            folder = sys.argv[1]
            for name in ["float16", "float32", "float64"]:
                np.save(f"{folder}/{name}.npy", x.astype(name))
            np.savez(f"{folder}/one.npz", features=x)
            np.savez_compressed(f"{folder}/packed.npz", x.astype(np.float32))
            np.savez(f"{folder}/two.npz", a=x, b=x)
            np.save(f"{folder}/fortran.npy", np.asfortranarray(x))
            """
        let folder = NSTemporaryDirectory() + "rows-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        _ = try Python.run(python, program, folder)
        for name in ["float16.npy", "float32.npy", "float64.npy", "one.npz", "packed.npz"] {
            #expect(try NumPyRows(path: "\(folder)/\(name)").matrix(0..<7) == matrix(7, 3), "\(name)")
        }
        for (name, fact) in [("two.npz", "holds 2 arrays"), ("fortran.npy", "says Fortran order")] {
            let error = #expect(throws: InputError.self) { try NumPyRows(path: "\(folder)/\(name)") }
            #expect(error?.fact.contains(fact) == true)
        }
    }
}
