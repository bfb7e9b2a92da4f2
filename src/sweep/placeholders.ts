/** In an argument of a program: `{name}` stands for a parameter, `{{` and `}}` for braces. Other braces are left alone. */
export const placeholder = /\{\{|\}\}|\{([A-Za-z_][A-Za-z0-9_]*)\}/g;

/** What every trial has beside its parameters, where none of them is called so. */
export const trialPlaceholders = ['seed', 'trial'] as const;
