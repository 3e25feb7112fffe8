import Tensors

/// Finds the dictionary of named tensors in what a checkpoint holds.
///
/// A dictionary under one of `wrappers` is taken before the outer one; entries that are not tensors (an epoch, an
/// optimizer's state) are passed over.
struct StateDictionary {
    /// The tensors in the file's order; where a name repeats, the last one, as Python has it.
    let tensors: [(name: String, tensor: TorchTensor)]

    /// The keys under which training scripts keep the weights, most telling first.
    static let wrappers = [
        "state_dict", "model_state_dict", "model_state", "model", "net", "network", "module", "weights",
        "state_dict_ema",
        "model_ema", "ema",
    ]

    /// The state dictionary of `object`. Throws `InputError` where it holds no tensors by name.
    init(_ object: PickledObject) throws {
        guard case .dictionary(let outer) = object.value else {
            throw InputError("checkpoint", "is not a dictionary of tensors", remedy: PickleMachine.remedy)
        }
        guard let found = Self.search(outer, in: object.arena, depth: 4) else {
            let keys = Self.named(outer, in: object.arena).map(\.name).prefix(8).joined(separator: ", ")
            throw InputError(
                "checkpoint", "has no tensors under its keys (\(keys.isEmpty ? "none" : keys))",
                remedy: PickleMachine.remedy)
        }
        tensors = found
    }

    private static func search(_ index: Int, in arena: PickleArena, depth: Int) -> [(
        name: String, tensor: TorchTensor
    )]? {
        guard depth > 0 else { return nil }
        let entries = named(index, in: arena)
        let values = Dictionary(entries.map { ($0.name, $0.value) }) { _, last in last }
        for key in wrappers {
            if case .dictionary(let inner)? = values[key], let found = search(inner, in: arena, depth: depth - 1) {
                return found
            }
        }
        var isTaken: Set<String> = []
        let tensors = entries.compactMap { entry -> (name: String, tensor: TorchTensor)? in
            guard case .tensor(let tensor)? = values[entry.name], isTaken.insert(entry.name).inserted else {
                return nil
            }
            return (entry.name, arena.tensors[tensor])
        }
        return tensors.isEmpty ? nil : tensors
    }

    private static func named(_ index: Int, in arena: PickleArena) -> [(name: String, value: PickleValue)] {
        arena.dictionaries[index].compactMap { pair in
            if case .string(let name) = pair.key { (name, pair.value) } else { nil }
        }
    }
}
