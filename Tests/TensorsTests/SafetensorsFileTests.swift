import Foundation
import PythonPeer
import Tensors
import Testing

@Suite("SafetensorsFile")
struct SafetensorsFileTests {
    private let tensors = [
        "b": DenseTensor(shape: [2, 3], elements: [1, 2, 3, 4, 5, 6]),
        "a": DenseTensor(shape: [], elements: [-0.5]),
        "empty": DenseTensor(shape: [0, 4], elements: []),
    ]

    private func file(_ header: String, _ data: Data = Data()) -> Data {
        withUnsafeBytes(of: UInt64(header.utf8.count).littleEndian) { Data($0) } + Data(header.utf8) + data
    }

    @Test("What is written comes back, with its metadata, and the same tensors give the same bytes")
    func roundTrip() throws {
        let data = try SafetensorsFile.encode(tensors, metadata: ["format": "pt", "é": "\"\\"])
        try #expect(data == SafetensorsFile.encode(tensors, metadata: ["é": "\"\\", "format": "pt"]))
        try HostileInput.withFile(data) { path in
            let file = try SafetensorsFile(path: path)
            #expect(Set(file.entries.keys) == Set(tensors.keys))
            for (name, tensor) in tensors { #expect(file.tensor(name) == tensor) }
            #expect(file.metadata == ["format": "pt", "é": "\"\\"])
            #expect(file.tensor("missing") == nil)
        }
    }

    @Test("Every number type is read")
    func types() throws {
        let bytes: [(String, String, [UInt8], [Float])] = [
            ("F16", "[2]", [0x00, 0x3C, 0x00, 0xC0], [1, -2]), ("BF16", "[1]", [0x80, 0x3F], [1]),
            ("F64", "[1]", [0, 0, 0, 0, 0, 0, 0xF8, 0x3F], [1.5]),
            ("I64", "[1]", [0xFF] + Array(repeating: 0xFF, count: 7), [-1]),
            ("I32", "[1]", [2, 0, 0, 0], [2]), ("I16", "[1]", [0xFE, 0xFF], [-2]), ("I8", "[2]", [0xFF, 3], [-1, 3]),
            ("U8", "[1]", [200], [200]), ("BOOL", "[2]", [0, 1], [0, 1]),
        ]
        for (type, shape, data, values) in bytes {
            let header = #"{"x":{"dtype":"\#(type)","shape":\#(shape),"data_offsets":[0,\#(data.count)]}}"#
            try HostileInput.withFile(file(header, Data(data))) { path in
                try #expect(SafetensorsFile(path: path).tensor("x")?.elements == values, "\(type)")
            }
        }
    }

    @Test(
        "Headers that lie are refused",
        arguments: [
            #"{"x":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}"#,  // bytes do not fit the shape
            #"{"x":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}"#,  // hole before it
            #"{"x":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}"#,  // bytes that belong to none
            #"{"x":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"y":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}"#,
            #"{"x":{"dtype":"F32","shape":[4],"data_offsets":[0,16]}}"#,  // outside
            #"{"x":{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,8]}}"#,  // overflow
            #"{"x":{"dtype":"F32","shape":[-2],"data_offsets":[0,8]}}"#,
            #"{"x":{"dtype":"F32","shape":[2],"data_offsets":[8,0]}}"#,
            #"{"x":{"dtype":"F32","shape":[2],"data_offsets":[-8,0]}}"#,
            #"{"x":{"dtype":"F32","shape":[2],"data_offsets":[0,9223372036854775807]}}"#,
            #"{"x":{"dtype":"Q4","shape":[2],"data_offsets":[0,8]}}"#,
            #"{"x":{"dtype":"F32","shape":[2.5],"data_offsets":[0,8]}}"#,
            #"{"x":{"a":"b"}}"#, #"{"__metadata__":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}"#, "[]", "", "{",
        ])
    func lies(header: String) throws {
        try HostileInput.withFile(file(header, Data(count: 8))) { path in
            #expect(throws: InputError.self) { try SafetensorsFile(path: path) }
        }
    }

    @Test("A header longer than the file, or absurdly long, is refused before it is read")
    func hugeHeader() throws {
        for length in [UInt64.max, 1 << 40, 100_000_001, 17] {
            let data = withUnsafeBytes(of: length.littleEndian) { Data($0) } + Data("{}              ".utf8)
            try HostileInput.withFile(data) { path in
                #expect(throws: InputError.self) { try SafetensorsFile(path: path) }
            }
        }
    }

    @Test("Every beginning of a file is refused, and no damage is a trap")
    func damage() throws {
        let data = try SafetensorsFile.encode(tensors, metadata: ["k": "v"])
        for prefix in HostileInput.prefixes(of: data) {
            try HostileInput.withFile(prefix) { path in
                #expect(throws: InputError.self) { try SafetensorsFile(path: path) }
            }
        }
        for damaged in HostileInput.bitFlips(of: data, count: 500) {
            try HostileInput.withFile(damaged) { path in
                guard let file = try? SafetensorsFile(path: path) else { return }
                for name in file.entries.keys { _ = file.tensor(name) }
            }
        }
    }

    @Test("The safetensors library reads what we write")
    func foreignReader() throws {
        guard let python = Python.interpreter(importing: "safetensors.numpy") else {
            print("skipped: no Python with safetensors")
            return
        }
        let program = """
            import sys, safetensors.numpy as s
            t = s.load_file(sys.argv[1]); print(sorted((k, list(v.shape), v.ravel().tolist()) for k, v in t.items()))
            """
        try HostileInput.withFile(try SafetensorsFile.encode(tensors, metadata: ["k": "v"])) { path in
            let said = try Python.run(python, program, path)
            #expect(
                said.contains("('b', [2, 3], [1.0, 2.0, 3.0, 4.0, 5.0, 6.0])") && said.contains("('a', [], [-0.5])"))
        }
    }
}
