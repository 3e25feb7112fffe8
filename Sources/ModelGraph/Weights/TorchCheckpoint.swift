import Tensors

/// Where a checkpoint keeps the bytes of its storages.
protocol TorchStorageBytes: Sendable {
    /// The bytes that the file has for the storage called `key`, or nil where it has none.
    func size(of key: String) -> Int?

    /// Calls `body` with the storage's bytes. Throws `InputError` where they cannot be had.
    func withBytes<Result>(of key: String, _ body: (UnsafeRawBufferPointer) throws -> Result) throws -> Result
}

/// The tensors of a file that `torch.save` wrote, read when asked for.
struct TorchCheckpoint: TensorSource {
    let tensors: [(name: String, shape: [Int])]
    private let views: [String: TorchTensor]
    private let bytes: any TorchStorageBytes

    /// The state dictionary of `object`, whose storages are in `bytes`. Throws `InputError` where there is none or a
    /// storage is missing or too short.
    init(_ object: PickledObject, bytes: any TorchStorageBytes) throws {
        let dictionary = try StateDictionary(object)
        for (name, tensor) in dictionary.tensors {
            let (claimed, found) = (
                tensor.storage.count * tensor.storage.number.size, bytes.size(of: tensor.storage.key)
            )
            guard let found, found >= claimed else {
                throw InputError(
                    "tensor '\(name)'",
                    "its storage '\(tensor.storage.key)' should have \(claimed) bytes, found \(found ?? 0)",
                    remedy: "The file is damaged; get it again.")
            }
        }
        tensors = dictionary.tensors.map { ($0.name, $0.tensor.shape) }
        views = Dictionary(dictionary.tensors.map { ($0.name, $0.tensor) }) { _, last in last }
        self.bytes = bytes
    }

    func tensor(_ name: String) throws -> DenseTensor? {
        guard let view = views[name] else { return nil }
        return try bytes.withBytes(of: view.storage.key) { try view.values(in: $0) }
    }
}
