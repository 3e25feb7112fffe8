import Foundation
import PythonPeer
import Tensors
import Testing

@Suite("NumPyFile")
struct NumPyFileTests {
    private let matrix = Matrix(rows: 2, columns: 3, elements: [1, -2, 0.5, 4, 1e-30, 6])

    @Test("A matrix comes back with its shape, and its data begins at a multiple of 64 bytes")
    func roundTrip() throws {
        let data = NumPyFile.encode(matrix)
        #expect((data.count - 24) % 64 == 0)
        let array = try NumPyFile.decode(data)
        #expect(array.shape == [2, 3] && array.elements == matrix.elements)
    }

    @Test("Every beginning is refused, and no damage is a trap")
    func damage() {
        let data = NumPyFile.encode(matrix)
        for prefix in HostileInput.prefixes(of: data) {
            #expect(throws: InputError.self) { try NumPyFile.decode(prefix) }
        }
        for damaged in HostileInput.bitFlips(of: data, count: 2000) { _ = try? NumPyFile.decode(damaged) }
    }

    @Test(
        "Headers that lie are refused",
        arguments: [
            "{'descr': '<f4', 'fortran_order': True, 'shape': (2,), }",
            "{'descr': '|O', 'fortran_order': False, 'shape': (2,), }",
            "{'descr': '<f4', 'fortran_order': False, 'shape': (3,), }",
            "{'descr': '<f4', 'fortran_order': False, 'shape': (-2,), }",
            "{'descr': '<f4', 'fortran_order': False, 'shape': (4294967296, 4294967296), }", "{}", "",
        ])
    func lies(header: String) {
        let data = Data([0x93]) + Data("NUMPY".utf8) + Data([1, 0, UInt8(header.utf8.count), 0]) + Data(header.utf8)
        #expect(throws: InputError.self) { try NumPyFile.decode(data + Data(count: 8)) }
    }

    @Test("numpy reads what we write and we read what numpy writes")
    func foreignReader() throws {
        guard let python = Python.interpreter(importing: "numpy") else {
            print("skipped: no Python with numpy")
            return
        }
        try HostileInput.withFile(NumPyFile.encode(matrix)) { path in
            let program = "import sys, numpy as n; a = n.load(sys.argv[1]); print(a.dtype, a.shape, a.tolist())"
            try #expect(Python.run(python, program, path).hasPrefix("float32 (2, 3) [[1.0, -2.0, 0.5], [4.0"))
        }
        for type in ["f2", "f4", "f8", "i1", "i2", "u1", "i4", "i8", "?"] {
            try HostileInput.withFile(Data()) { path in
                let program = """
                    import sys, numpy as n
                    with open(sys.argv[1], 'wb') as f: n.save(f, n.array([[0, 1, 1]], dtype=sys.argv[2]))
                    """
                _ = try Python.run(python, program, path, type)
                let array = try? NumPyFile.decode(Data(contentsOf: URL(fileURLWithPath: path)))
                #expect(array?.shape == [1, 3] && array?.elements == [0, 1, 1], "\(type)")
            }
        }
    }
}
