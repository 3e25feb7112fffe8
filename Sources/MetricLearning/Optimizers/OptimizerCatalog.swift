import Tensors

/// The optimizers that can be described in one line, such as `SGD(momentum=0.9, nesterov=true)`; names, settings and
/// defaults are those of `torch.optim`, with `beta1` and `beta2` in place of `betas`.
public enum OptimizerCatalog {
    /// One optimizer of the catalog.
    public struct Entry: Sendable, CatalogNamed {
        /// The name, such as `AdamW`.
        public let name: String
        /// What it does, in one line.
        public let summary: String
        /// The learning rate where none is given: PyTorch's default.
        public let learningRate: Double
        /// The names of its settings.
        public let settings: [String]

        private let make: @Sendable (ComponentArguments) throws -> any Optimizer

        /// An optimizer whose settings have the values of `standard` where a description leaves them out.
        init<Kind: Optimizer>(
            _ name: String, _ summary: String, _ standard: Kind, settings: [String],
            _ make: @escaping @Sendable (_ standard: Kind, _ settings: ComponentArguments) throws -> Kind
        ) {
            (self.name, self.summary, self.settings) = (name, summary, settings)
            learningRate = standard.learningRate
            self.make = { try make(standard, $0) }
        }

        fileprivate func optimizer(_ description: ComponentDescription) throws -> any Optimizer {
            try make(ComponentArguments(description, known: settings))
        }
    }

    /// All optimizers, the most used first.
    public static let entries = [
        Adam.entry, AdamW.entry, SGD.entry, RMSprop.entry, NAdam.entry, RAdam.entry, Adamax.entry, Adagrad.entry,
        Adadelta.entry, ASGD.entry, Rprop.entry,
    ]

    /// The entry called `name`. Throws `InputError` with the known names where there is none.
    public static func entry(named name: String) throws -> Entry {
        try entries.entry("optimizer", named: name)
    }

    /// The described optimizer before its first step, with PyTorch's learning rate where none is given. Throws `InputError`
    /// where the name or a setting is not known, a setting is out of its range, or the learning rate is not a finite number
    /// of at least 0.
    public static func optimizer(
        _ description: ComponentDescription, learningRate: Double? = nil
    ) throws -> any Optimizer {
        let entry = try entry(named: description.name)
        var optimizer = try entry.optimizer(description)
        let rate = learningRate ?? entry.learningRate
        guard rate.isFinite, rate >= 0 else {
            throw InputError("learning rate \(rate)", "cannot be used", remedy: "Give a number of at least 0.")
        }
        optimizer.learningRate = rate
        return optimizer
    }
}

extension ComponentArguments {
    /// A share from 0 to below 1, in `Float` too.
    func decayRate(_ name: String, _ defaultValue: Double) throws -> Double {
        try number(name, defaultValue, in: 0...0.999999)
    }

    /// A number of at least 0.
    func amount(_ name: String, _ defaultValue: Double) throws -> Double {
        try number(name, defaultValue, in: 0...1e30)
    }
}
