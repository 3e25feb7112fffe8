import Tensors

/// Files as `torch.save` lays them out, made without torch.
enum CheckpointWriter {
    /// A checkpoint since 1.6: a ZIP file of stored members.
    static func zip(pickle: [UInt8], storages: [(key: String, bytes: [UInt8])], byteOrder: String? = "little")
        -> [UInt8]
    {
        var members = [("net/data.pkl", pickle)]
        if let byteOrder { members.append(("net/byteorder", Array(byteOrder.utf8))) }
        return storedZip(members + storages.map { ("net/data/\($0.key)", $0.bytes) })
    }

    /// A checkpoint before 1.6: five pickles and the storages, each behind its count.
    static func legacy(
        pickle: [UInt8], storages: [(key: String, count: Int, bytes: [UInt8])], isLittleEndian: Bool = true
    ) -> [UInt8] {
        let magic: [UInt8] = [0x80, 2, 0x8A, 10, 0x6C, 0xFC, 0x9C, 0x46, 0xF9, 0x20, 0x6A, 0xA8, 0x50, 0x19, 0x2E]
        let version = PickleWriter.pickle { $0.integer(1001) }
        let system = PickleWriter.pickle { writer in
            writer.dictionary { writer in
                writer.string("little_endian")
                writer.bool(isLittleEndian)
            }
        }
        let keys = PickleWriter.pickle { writer in
            writer.raw("](")
            storages.forEach { writer.string($0.key) }
            writer.raw("e")
        }
        return magic + version + system + pickle + keys
            + storages.flatMap { littleEndian(UInt64($0.count)) + $0.bytes }
    }

    /// Both forms of a state dictionary of dense tensors in the order of their names, under `wrapper` where one is given.
    static func stateDictionary(
        _ tensors: [String: DenseTensor], prefix: String = "", wrapper: String? = nil, isLegacy: Bool
    ) -> [UInt8] {
        let ordered = tensors.sorted { $0.key < $1.key }
        let pickle = PickleWriter.pickle { writer in
            func entries(_ writer: inout PickleWriter) {
                for (index, entry) in ordered.enumerated() {
                    writer.string(prefix + entry.key)
                    writer.tensor(StoredTensor(key: "\(index)", shape: entry.value.shape), isLegacy: isLegacy)
                }
            }
            guard let wrapper else { return writer.dictionary(isOrdered: true, entries) }
            writer.dictionary { writer in
                writer.string("epoch")
                writer.integer(90)
                writer.string(wrapper)
                writer.dictionary(isOrdered: true, entries)
                writer.string("best_prec1")
                writer.raw([0x47, 0x40, 0x50, 0, 0, 0, 0, 0, 0])
            }
        }
        let bytes = ordered.enumerated().map { ("\($0.offset)", littleEndian($0.element.value.elements)) }
        if !isLegacy { return zip(pickle: pickle, storages: bytes.map { (key: $0.0, bytes: $0.1) }) }
        return legacy(pickle: pickle, storages: bytes.map { (key: $0.0, count: $0.1.count / 4, bytes: $0.1) })
    }

    /// A ZIP file whose members are stored as they are.
    static func storedZip(_ members: [(name: String, bytes: [UInt8])]) -> [UInt8] {
        var file: [UInt8] = []
        var directory: [UInt8] = []
        for (name, bytes) in members {
            let sizes =
                littleEndian(crc32(bytes)) + littleEndian(UInt32(bytes.count)) + littleEndian(UInt32(bytes.count))
            let fields: [UInt8] =
                [20, 0, 0, 0, 0, 0, 0, 0, 0, 0] + sizes + littleEndian(UInt16(name.utf8.count)) + [0, 0]
            directory += [0x50, 0x4B, 1, 2, 20, 0] + fields + [UInt8](repeating: 0, count: 10)
            directory += littleEndian(UInt32(file.count)) + Array(name.utf8)
            file += [0x50, 0x4B, 3, 4] + fields + Array(name.utf8) + bytes
        }
        let count = littleEndian(UInt16(members.count))
        return file + directory + [0x50, 0x4B, 5, 6, 0, 0, 0, 0] + count + count
            + littleEndian(UInt32(directory.count)) + littleEndian(UInt32(file.count)) + [0, 0]
    }

    private static func crc32(_ bytes: [UInt8]) -> UInt32 {
        ~bytes.reduce(~UInt32(0)) { crc, byte in
            (0..<8).reduce(crc ^ UInt32(byte)) { value, _ in (value >> 1) ^ (value & 1 == 0 ? 0 : 0xEDB8_8320) }
        }
    }
}
