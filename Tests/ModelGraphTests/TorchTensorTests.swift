import Foundation
import Tensors
import Testing

@testable import ModelGraph

@Suite("TorchTensor")
struct TorchTensorTests {
    @Test("Transposed, offset, expanded and overlapping views are gathered from their storage")
    func views() throws {
        let cases: [(StoredTensor, [Float])] = [
            (StoredTensor(key: "0", storageCount: 6, offset: 0, shape: [3, 2], strides: [1, 3]), [0, 3, 1, 4, 2, 5]),
            (StoredTensor(key: "0", storageCount: 6, offset: 2, shape: [2, 2], strides: [2, 1]), [2, 3, 4, 5]),
            (StoredTensor(key: "0", storageCount: 6, offset: 1, shape: [2, 2], strides: [0, 2]), [1, 3, 1, 3]),
            (StoredTensor(key: "0", storageCount: 6, offset: 5, shape: [], strides: []), [5]),
            (
                StoredTensor(key: "0", storageCount: 6, offset: 0, shape: [1, 6, 1], strides: [99, 1, 7]),
                [0, 1, 2, 3, 4, 5]
            ),
            (StoredTensor(key: "0", storageCount: 6, offset: 3, shape: [0, 4], strides: [4, 1]), []),
        ]
        for (stored, expected) in cases {
            #expect(try tensor(stored) == DenseTensor(shape: stored.shape, elements: expected))
        }
    }

    @Test(
        "A view that leaves its storage is refused before memory is taken",
        arguments: [
            StoredTensor(key: "0", storageCount: 6, offset: 0, shape: [7], strides: [1]),
            StoredTensor(key: "0", storageCount: 6, offset: 1, shape: [6], strides: [1]),
            StoredTensor(key: "0", storageCount: 6, offset: -1, shape: [2], strides: [1]),
            StoredTensor(key: "0", storageCount: 6, offset: 5, shape: [2], strides: [-1]),
            StoredTensor(key: "0", storageCount: 6, offset: 0, shape: [-2], strides: [1]),
            StoredTensor(key: "0", storageCount: 6, offset: 0, shape: [2], strides: [1, 1]),
            StoredTensor(key: "0", storageCount: 6, offset: 0, shape: [1 << 40], strides: [0]),
            StoredTensor(key: "0", storageCount: 6, offset: .max, shape: [2], strides: [1]),
            StoredTensor(key: "0", storageCount: 6, offset: 0, shape: [3, 3], strides: [.max / 2 + 1, 1]),
            StoredTensor(key: "0", storageCount: 6, offset: 0, shape: [1 << 32, 1 << 32], strides: [0, 0]),
            StoredTensor(
                key: "0", storageCount: 6, offset: 0, shape: [Int](repeating: 1, count: 65),
                strides: [Int](repeating: 1, count: 65)),
        ])
    func outside(_ stored: StoredTensor) {
        #expect(throws: InputError.self) { try tensor(stored) }
    }

    @Test("A view of a storage, as checkpoints before torch 1.6 can have, begins where it says")
    func storageViews() throws {
        let storage = "(S'storage'\nctorch\nFloatStorage\nS'0'\nS'cpu'\nI6\n(S'view'\nI2\nI3\nttQ"
        let pickle = "ctorch._utils\n_rebuild_tensor\n(\(storage)I1\n(I2\nt(I1\ntI00\ntR."
        let object = try Array(pickle.utf8).withUnsafeBytes { try PickleMachine.object(in: $0) }
        let values = try littleEndian([0, 1, 2, 3, 4, 5]).withUnsafeBytes { try object.arena.tensors[0].values(in: $0) }
        #expect(values == DenseTensor(shape: [2], elements: [3, 4]))
        let longer = Array(pickle.replacingOccurrences(of: "(I2\nt(I1", with: "(I3\nt(I1").utf8)
        #expect(throws: InputError.self) { try longer.withUnsafeBytes { try PickleMachine.object(in: $0) } }
    }

    @Test("Numbers of other types become floats")
    func types() throws {
        let cases: [(String, [UInt8])] = [
            ("DoubleStorage", littleEndian((2.5 as Double).bitPattern) + littleEndian((-1 as Double).bitPattern)),
            ("HalfStorage", [0x00, 0x41, 0x00, 0xBC]), ("BFloat16Storage", [0x20, 0x40, 0x80, 0xBF]),
        ]
        for (type, bytes) in cases {
            #expect(try tensor(StoredTensor(key: "0", shape: [2], storageType: type), bytes).elements == [2.5, -1])
        }
        let whole: [(String, [UInt8])] = [
            ("LongStorage", littleEndian(Int64(3)) + littleEndian(Int64(-1))),
            ("IntStorage", littleEndian(Int32(3)) + littleEndian(Int32(-1))),
            ("ShortStorage", littleEndian(Int16(3)) + littleEndian(Int16(-1))), ("CharStorage", [3, 0xFF]),
        ]
        for (type, bytes) in whole {
            #expect(try tensor(StoredTensor(key: "0", shape: [2], storageType: type), bytes).elements == [3, -1])
        }
        let complex = StoredTensor(key: "0", shape: [2], storageType: "ComplexFloatStorage")
        let error = #expect(throws: InputError.self) { try tensor(complex, [UInt8](repeating: 0, count: 16)) }
        #expect(error?.fact.contains("torch.complex64") == true)
    }

    private func tensor(_ stored: StoredTensor, _ bytes: [UInt8] = littleEndian([0, 1, 2, 3, 4, 5])) throws
        -> DenseTensor
    {
        let pickle = PickleWriter.pickle { $0.tensor(stored, isLegacy: false) }
        let object = try pickle.withUnsafeBytes { try PickleMachine.object(in: $0) }
        return try bytes.withUnsafeBytes { try object.arena.tensors[0].values(in: $0) }
    }
}
