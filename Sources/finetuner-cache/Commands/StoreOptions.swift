import ArgumentParser
import FeatureStorage
import Foundation
import Pipeline
import Tensors

/// Which store a command works on.
struct StoreOptions: ParsableArguments {
    @Option(help: "The store's folder. [default: $FINETUNER_CACHE_STORE or features.fcstore]")
    var store: String?

    // Its values are among the arguments before they are parsed.
    @Option(
        help: """
            A TOML file with values of options that are not given here: output-dim = 512 under [train-head], or at the top for \
            every command that has the option.
            """, completion: .file(extensions: ["toml"]))
    var config: String?

    /// The folder's path.
    var path: String {
        if let store { return store }
        let named = ProcessInfo.processInfo.environment["FINETUNER_CACHE_STORE"] ?? ""
        return named.isEmpty ? "features.fcstore" : named
    }
}

/// Which features of a store a command reads.
struct SpaceOptions: ParsableArguments {
    @OptionGroup var store: StoreOptions

    @Option(help: "The space, by name or the beginning of its fingerprint, where the store has several.")
    var space: String?

    /// Opens the store and finds the space.
    func open() throws -> (store: FeatureStore, space: FeatureSpace) {
        self.store.warnOfNetwork(writing: false)
        let store = try FeatureStore(path: store.path)
        return (store, try store.space(matching: space))
    }
}

/// Which vectors of a space a command works on.
struct HeadOptions: ParsableArguments {
    @OptionGroup var source: SpaceOptions

    @Option(
        help: """
            The head to apply: a name, a head.safetensors file of the same space, or none for the raw features. \
            [default: the newest head that beat the raw features on held-out pictures, else none]
            """)
    var head: String?

    /// Opens the store, finds the space and loads the head.
    func open() throws -> (store: FeatureStore, space: FeatureSpace, head: HeadChoice) {
        let (store, space) = try source.open()
        return (store, space, try HeadChoice(option: head, library: HeadLibrary(store: store), space: space))
    }
}
